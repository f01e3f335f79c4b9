import { describe, expect, it } from '@jest/globals';

import { checkLimits, parseJson } from './limits.js';

/** `{"a":{"a":…}}`, `depth` objects deep. */
function nested(depth: number): string {
  return `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
}
const parsed = (text: string): unknown => JSON.parse(text);

describe('checkLimits', () => {
  it('takes 32 levels and refuses the 33rd where it begins', () => {
    expect(checkLimits(parsed(nested(32)))).toBeUndefined();
    expect(checkLimits(parsed(nested(33)))).toMatchObject({ keyword: 'depth', pointer: '/a'.repeat(32) });
  });

  it('counts lists as levels', () => {
    expect(checkLimits(parsed('['.repeat(33) + ']'.repeat(33)))).toMatchObject({ keyword: 'depth' });
  });

  it('refuses 100,000 levels without exhausting the stack', () => {
    expect(checkLimits(parsed('['.repeat(100_000) + ']'.repeat(100_000)))).toMatchObject({
      keyword: 'depth',
    });
  });

  it('takes 2,000 values and refuses 2,001', () => {
    const list = (length: number): unknown => Array.from({ length }, () => 1);
    expect(checkLimits(list(1999))).toBeUndefined();
    expect(checkLimits(list(2000))).toMatchObject({ keyword: 'nodes', pointer: '' });
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses the key %s, however deep, and names the place',
    (key) => {
      const value = parsed(`{"data":{"list":[{"${key}":{"polluted":true}}]}}`);
      expect(checkLimits(value)).toMatchObject({ keyword: 'key', pointer: `/data/list/0/${key}` });
    },
  );

  it('takes such a word as a value', () => {
    expect(checkLimits({ word: '__proto__' })).toBeUndefined();
  });

  it('refuses what has no canonical form: a number beyond a double, half a character in a value or a key', () => {
    expect(checkLimits(parsed('{"n":1e999}'))).toMatchObject({ keyword: 'number', pointer: '/n' });
    expect(checkLimits(parsed('{"s":"\\ud800"}'))).toMatchObject({ keyword: 'unicode', pointer: '/s' });
    expect(checkLimits(parsed('{"in":{"\\udc00":1}}'))).toMatchObject({ keyword: 'unicode', pointer: '/in' });
  });

  it('escapes the pointer', () => {
    expect(checkLimits(parsed('{"a/b~c":{"constructor":1}}'))?.pointer).toBe('/a~1b~0c/constructor');
  });
});

describe('parseJson', () => {
  it('gives the object', () => {
    expect(parseJson('{"a":[1,"b"]}')).toEqual({ value: { a: [1, 'b'] } });
  });

  it.each(['', '{', 'Robin Example', '{"name":"Robin Example",}', '{"name":"Robin Example"'])(
    'says of %j that it is not JSON, and quotes nothing',
    (text) => {
      const { detail } = parseJson(text);
      expect(detail).toMatch(/^The body is not JSON/);
      expect(detail).not.toContain('Robin');
    },
  );

  it.each(['[]', '"text"', '1', 'null', 'true'])('says of %s that it is not one object', (text) => {
    expect(parseJson(text).detail).toBe('The body is JSON, but not one object.');
  });
});
