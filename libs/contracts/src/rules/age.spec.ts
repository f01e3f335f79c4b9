import { describe, expect, it } from '@jest/globals';

import { ageWindow, birthOf, completedYears } from './age.js';

describe('completed years', () => {
  it.each([
    ['2011-05-04', '2026-05-03', 14],
    ['2011-05-04', '2026-05-04', 15],
    ['2008-02-29', '2027-02-28', 18],
    ['2008-02-29', '2027-03-01', 19],
    ['2008-02-29', '2028-02-29', 20],
  ])('of who was born on %s are on %s: %i', (birth, on, years) => {
    expect(completedYears(birth, on)).toBe(years);
  });
});

describe('the age window, at both edges', () => {
  it.each([
    ['the day before the 5th birthday', '2021-06-16', '2026-06-15', false, 'below'],
    ['the 5th birthday', '2021-06-15', '2026-06-15', false, 'within'],
    ['the 19th birthday', '2007-06-15', '2026-06-15', false, 'within'],
    ['the day after the 19th birthday', '2007-06-14', '2026-06-15', false, 'above'],
    ['the day after the 19th birthday, with SEND', '2007-06-14', '2026-06-15', true, 'extended'],
    ['the 19th birthday, with SEND', '2007-06-15', '2026-06-15', true, 'within'],
    ['the day before the 26th birthday, with SEND', '2000-06-16', '2026-06-15', true, 'extended'],
    ['the 26th birthday, with SEND', '2000-06-15', '2026-06-15', true, 'above'],
    ['the 19th birthday of a child of 29 February', '2008-02-29', '2027-03-01', false, 'within'],
    ['the day after that', '2008-02-29', '2027-03-02', false, 'above'],
  ])('%s', (_what, birth, on, extended, window) => {
    expect(ageWindow(birth, on, extended)).toBe(window);
  });

  it('is unknown without a date of birth', () => {
    expect(ageWindow(birthOf('unknown'), '2026-06-15', true)).toBe('unknown');
    expect(birthOf('2011-05-04')).toBe('2011-05-04');
  });
});
