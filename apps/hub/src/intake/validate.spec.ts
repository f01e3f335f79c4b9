import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadContracts, projectRoot } from '#contracts';
import { validate, type Validated } from './validate.js';

const contracts = loadContracts();
const partners = new Map([['salus', { sends: contracts.all.map((c) => `${c.type}.v${c.major}`) }]]);
const folder = resolve(projectRoot(), 'schemas/risk.alert/v1.examples/valid');
const alert = JSON.parse(readFileSync(resolve(folder, readdirSync(folder)[0]!), 'utf8')) as {
  data: Record<string, unknown>;
};

function validated(envelope: object): Validated {
  const full = { ...alert, source: '/partners/salus', ...envelope };
  return validate({ contracts, partners }, { partner: 'salus', text: JSON.stringify(full) });
}

describe('text that no table can hold', () => {
  it.each([
    ['U+0000', 'PS\0-1', 'PS-1', 'nul'],
    ['half a surrogate pair', 'PS\ud800-1', 'PS\ufffd-1', 'unicode'],
  ])('is taken out of a safety message, and said: %s', (_what, sent, kept, keyword) => {
    const { message } = validated({ partnercaseref: sent });
    expect(message?.envelope.partnercaseref).toBe(kept);
    expect(message?.findings).toContainEqual(
      expect.objectContaining({ keyword, pointer: '/partnercaseref' }),
    );
  });

  it('is taken out of keys, too', () => {
    const { message } = validated({ data: { ...alert.data, 'a\0b': 'x\0y' } });
    expect(message?.envelope.data).toMatchObject({ ab: 'xy' });
  });

  it('refuses any other message', () => {
    const { refused } = validated({ type: 'mta.outcome.measure.v1', partnercaseref: 'PS\0-1' });
    expect(refused).toMatchObject({ code: 'contract/not-json', violations: [{ keyword: 'nul' }] });
  });
});

describe('a safety message', () => {
  it('loses a reference that is too long to be looked up, and says so', () => {
    const { message } = validated({ partnercaseref: 'P'.repeat(5_000) });
    expect(message?.envelope.partnercaseref).toBeUndefined();
    expect(message?.findings).toContainEqual(
      expect.objectContaining({ keyword: 'maxLength', pointer: '/partnercaseref' }),
    );
  });

  it('keeps data that is no object, word for word', () => {
    const { message } = validated({ data: 'she is on the bridge' });
    expect(message?.envelope.data).toEqual({ received: 'she is on the bridge' });
  });
});
