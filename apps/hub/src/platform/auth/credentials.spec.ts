import { afterEach, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDemoCredentials } from './credentials.js';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
const path = join(folder, 'credentials.json');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('gives the demo what it lacks, a partner or a channel’s part, and changes nothing that is there', async () => {
  const salus = { clientId: 'salus', clientSecret: 'its own', apiKey: 'agreed upon' };
  writeFileSync(path, JSON.stringify({ salus }));

  const first = await ensureDemoCredentials(path, ['salus', 'chums']);
  expect(first['salus']).toMatchObject({ ...salus, sftp: { user: 'hub' }, mesh: { mailbox: 'MTAHUB' } });
  expect(first['chums']).toMatchObject({ clientId: 'chums', sftp: { user: 'hub' } });
  expect(first['ops']).toMatchObject({ roles: ['ops'] });

  const written = readFileSync(path, 'utf8');
  expect(await ensureDemoCredentials(path, ['salus', 'chums'])).toEqual(first);
  expect(readFileSync(path, 'utf8')).toBe(written);
});
