import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCaseRef, newCaseRef } from './case-ref.js';

/** A source that gives the drawn bytes first and then counts on, so that a second draw differs. */
function bytesFrom(first: Uint8Array): (size: number) => Uint8Array {
  let next = first;
  return (size) => {
    const given = next.slice(0, size);
    next = next.map((byte, place) => (place === size - 1 ? (byte + 1) % 256 : byte));
    return given;
  };
}
const aCaseRef = fc.uint8Array({ minLength: 5, maxLength: 5 }).map((bytes) => newCaseRef(bytesFrom(bytes)));
const ALPHABET = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
/** Where the nine characters stand that count. */
const PLACES = [4, 5, 6, 7, 9, 10, 11, 12, 14];

describe('a case reference', () => {
  it('is speakable and proves itself', () => {
    fc.assert(
      fc.property(aCaseRef, (caseRef) => {
        expect(caseRef).toMatch(/^MTA-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]$/);
        expect(isCaseRef(caseRef)).toBe(true);
      }),
    );
  });

  it('holds all that was drawn, so that two draws seldom meet', () => {
    expect(newCaseRef(bytesFrom(Uint8Array.of(0, 0, 0, 0, 1)))).toBe('MTA-0000-0001-1');
    expect(newCaseRef(bytesFrom(Uint8Array.of(255, 255, 255, 255, 0)))).toMatch(/^MTA-ZZZZ-ZZ/);
  });

  it('is drawn again where its check would be no character of the alphabet', () => {
    // 32 leaves 32, whose check character is beyond the alphabet; the next draw is 33.
    const draws = [32, 37].map((last) => Uint8Array.of(0, 0, 0, 0, last));
    expect(newCaseRef(() => draws.shift() as Uint8Array)).toBe('MTA-0000-0015-0');
  });

  it('shows one wrong character', () => {
    fc.assert(
      fc.property(
        aCaseRef,
        fc.constantFrom(...PLACES),
        fc.constantFrom(...ALPHABET),
        (caseRef, place, wrong) => {
          fc.pre(caseRef[place] !== wrong);
          expect(isCaseRef(caseRef.slice(0, place) + wrong + caseRef.slice(place + 1))).toBe(false);
        },
      ),
    );
  });

  it('shows two changed places', () => {
    fc.assert(
      fc.property(aCaseRef, fc.constantFrom(...PLACES), fc.constantFrom(...PLACES), (caseRef, a, b) => {
        fc.pre(caseRef[a] !== caseRef[b]);
        const characters = [...caseRef];
        [characters[a], characters[b]] = [caseRef[b] as string, caseRef[a] as string];
        expect(isCaseRef(characters.join(''))).toBe(false);
      }),
    );
  });

  it.each([
    '',
    'MTA',
    'MTA-0000-0001',
    'MTA-0000-0001-2',
    'mta-0000-0001-1',
    ' MTA-0000-0001-1',
    'MTA-0000-000I-1',
  ])('is not %j', (text) => {
    expect(isCaseRef(text)).toBe(false);
  });
});
