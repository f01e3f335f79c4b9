import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { isNhsNumber } from './nhs-number.js';

describe('isNhsNumber', () => {
  it.each(['9990000018', '9990000026', '9990000069', '9990000123', '9990000301'])('takes %s', (number) => {
    expect(isNhsNumber(number)).toBe(true);
  });

  it.each([
    ['9990000017', 'a wrong check digit'],
    ['9990000000', 'a check digit that would be 10'],
    ['9990000140', 'a check digit that would be 10'],
    ['999000001', 'nine digits'],
    ['99900000180', 'eleven digits'],
    ['999 000 0018', 'spaces'],
    ['0000000000', 'ten equal digits'],
    ['9999999999', 'ten equal digits'],
    ['99900000１8', 'a digit of another script'],
    ['', 'nothing'],
  ])('refuses %s: %s', (number) => {
    expect(isNhsNumber(number)).toBe(false);
  });

  it('refuses a valid number with any one digit changed', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.integer({ min: 1, max: 9 }), (place, step) => {
        const digits = [...'9990000123'];
        digits[place] = String((Number(digits[place]) + step) % 10);
        expect(isNhsNumber(digits.join(''))).toBe(false);
      }),
    );
  });
});
