import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapters } from './adapters.js';
import { loadCredentials } from './credentials.js';
import type { Partner } from '#contracts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: string): string => {
  const path = join(folder, 'credentials.json');
  writeFileSync(path, content);
  return path;
};

describe('credentials', () => {
  it('come from the file', () => {
    const credentials = loadCredentials(
      file('{"salus":{"apiKey":"k"},"nkm":{"webhookSecret":"new old"}}'),
      {},
    );
    expect(credentials('salus')).toEqual({ apiKey: 'k', webhookSecrets: [] });
    expect(credentials('nkm')).toEqual({ apiKey: undefined, webhookSecrets: ['new', 'old'] });
  });

  it('of the environment win', () => {
    const env = { PARTNER_BFB_LABS_API_KEY: 'e', PARTNER_BFB_LABS_WEBHOOK_SECRET: 's' };
    const credentials = loadCredentials(file('{"bfb-labs":{"apiKey":"k"}}'), env);
    expect(credentials('bfb-labs')).toEqual({ apiKey: 'e', webhookSecrets: ['s'] });
  });

  it('need no file', () => {
    expect(loadCredentials(join(folder, 'none.json'), {})('salus').apiKey).toBeUndefined();
  });

  it('are never quoted when the file is broken', () => {
    expect(() => loadCredentials(file('{"salus":{"apiKey":"top-secret"'), {})).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('top-secret') }),
    );
    expect(() => loadCredentials(file('[]'), {})).toThrow('not a JSON object');
  });
});

describe('the table of adapters', () => {
  const partner = (id: string, more: Partial<Partner> = {}): Partner =>
    ({ id, channel: 'http', url: 'http://127.0.0.1:1', idempotent: true, ...more }) as Partner;

  it('names everything that is missing at once', () => {
    const partners = [
      partner('salus'),
      partner('nkm', { url: '' }),
      partner('nobody'),
      partner('ylf', { channel: 'inbox' }),
    ];
    const make = (): unknown => createAdapters(partners, () => ({ webhookSecrets: [], apiKey: undefined }));
    expect(make).toThrow('set PARTNER_SALUS_API_KEY');
    expect(make).toThrow('set PARTNER_NKM_URL');
    expect(make).toThrow('nobody has no adapter');
    expect(make).not.toThrow('ylf');
  });
});
