import { describe, expect, it } from '@jest/globals';
import { ageBandOf } from './age-band.js';

const TODAY = '2026-05-20';

describe('the age band of a person', () => {
  it.each([
    ['2021-05-21', 'under-5'],
    ['2021-05-20', '5-6'],
    ['2019-05-21', '5-6'],
    ['2019-05-20', '7-9'],
    ['2016-05-21', '7-9'],
    ['2016-05-20', '10-12'],
    ['2013-05-21', '10-12'],
    ['2013-05-20', '13-18'],
    ['2007-05-21', '13-18'],
    ['2007-05-20', '19-25'],
    ['2000-05-21', '19-25'],
    ['2000-05-20', 'over-25'],
  ])('born on %s it is %s', (born, band) => {
    expect(ageBandOf(born, TODAY)).toBe(band);
  });

  it.each(['unknown', 'not-asked', undefined, '2027-01-01', 7])('is not known of %s', (born) => {
    expect(ageBandOf(born, TODAY)).toBeUndefined();
  });

  it('has a birthday of 29 February on 1 March in other years', () => {
    expect(ageBandOf('2016-02-29', '2026-02-28')).toBe('7-9');
    expect(ageBandOf('2016-02-29', '2026-03-01')).toBe('10-12');
  });
});
