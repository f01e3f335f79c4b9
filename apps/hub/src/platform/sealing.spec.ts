import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hmac,
  loadHubKeys,
  newDataKey,
  newHubKeys,
  open,
  parseHubKeys,
  seal,
  unwrapDataKey,
} from './sealing.js';

type Jwks = { keys: Record<string, string>[] };
const jwks = (): Jwks => JSON.parse(newHubKeys()) as Jwks;

describe('sealing', () => {
  it('gives back every body that it sealed, and never the same bytes twice', () => {
    const { plain } = newDataKey(parseHubKeys(newHubKeys()));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (body) => {
        const sealed = seal(plain, body);
        expect(open(plain, sealed)).toEqual(Buffer.from(body));
        expect(sealed.equals(seal(plain, body))).toBe(false);
      }),
    );
  });

  it('notices one changed bit, a cut end and another key', () => {
    const keys = parseHubKeys(newHubKeys());
    const { plain } = newDataKey(keys);
    const sealed = seal(plain, Buffer.from('body'));
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => open(plain, changed)).toThrow();
      }),
    );
    expect(() => open(plain, sealed.subarray(0, 20))).toThrow('cut short');
    expect(() => open(newDataKey(keys).plain, sealed)).toThrow();
  });

  it('opens what an older key wrapped, and wraps with the newest', () => {
    const set = jwks();
    const first = newDataKey(parseHubKeys(JSON.stringify(set)));
    set.keys.push({ ...jwks().keys[1]!, kid: 'newer' });
    const rotated = parseHubKeys(JSON.stringify(set));
    expect(unwrapDataKey(rotated, first.kid, first.wrapped).equals(first.plain)).toBe(true);
    expect(newDataKey(rotated).kid).toBe('newer');
  });

  it('says which key is missing when it was dropped too early', () => {
    const set = jwks();
    const { kid, wrapped } = newDataKey(parseHubKeys(JSON.stringify(set)));
    const without = parseHubKeys(
      JSON.stringify({ keys: [set.keys[0], { ...jwks().keys[1], kid: 'other' }] }),
    );
    expect(() => unwrapDataKey(without, kid, wrapped)).toThrow(`has no key ${kid} any more`);
  });

  it('keeps the HMAC over a rotation of the sealing keys', () => {
    const set = jwks();
    const before = hmac(parseHubKeys(JSON.stringify(set)), 'case');
    const after = hmac(parseHubKeys(JSON.stringify({ keys: [{ ...jwks().keys[1] }, set.keys[0]] })), 'case');
    expect(after.equals(before)).toBe(true);
    expect(hmac(parseHubKeys(newHubKeys()), 'case').equals(before)).toBe(false);
  });

  it.each([
    ['not JSON', 'x', 'not JSON'],
    ['no set', '{}', 'JWK Set'],
    [
      'a short key',
      JSON.stringify({ keys: [{ kty: 'oct', kid: 'a', alg: 'HS256', k: 'AAAA' }] }),
      '32 bytes',
    ],
    ['another algorithm', JSON.stringify({ keys: [{ ...jwks().keys[0], alg: 'RS256' }] }), 'A256GCMKW'],
    ['no HMAC key', JSON.stringify({ keys: [jwks().keys[1]] }), 'exactly one'],
    ['two HMAC keys', JSON.stringify({ keys: [...jwks().keys, jwks().keys[0]] }), 'exactly one'],
    ['nothing to seal with', JSON.stringify({ keys: [jwks().keys[0]] }), 'at least one'],
  ])('refuses %s', (_, text, why) => {
    expect(() => parseHubKeys(text)).toThrow(why);
  });

  it('makes the keys once, also when many processes start at the same time', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hub-keys-'));
    try {
      const all = await Promise.all(Array.from({ length: 20 }, () => loadHubKeys({ dataDir })));
      expect(new Set(all.map((keys) => keys.hmacKey.export().toString('hex'))).size).toBe(1);
      expect(statSync(join(dataDir, 'hub-keys.json')).mode & 0o777).toBe(0o600);
      const given = await loadHubKeys({
        keys: readFileSync(join(dataDir, 'hub-keys.json'), 'utf8'),
        dataDir,
      });
      expect(given.newest).toBe(all[0]?.newest);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
