import type { Facts } from '../contract.js';
import { completedYears } from './age.js';
import type { Rule } from './rule.js';

/** The bands of the digital options, each from its first age in completed years. A band is no date of birth: S1. */
const BANDS: readonly [from: number, band: string][] = [
  [0, 'under-5'],
  [5, '5-6'],
  [7, '7-9'],
  [10, '10-12'],
  [13, '13-18'],
  [19, '19-25'],
  [26, 'over-25'],
];

/** The band of somebody born on a day (`YYYY-MM-DD`), on another; undefined where the day of birth is not told. */
export function ageBandOf(born: unknown, today: string): string | undefined {
  if (typeof born !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(born) || born > today) return undefined;
  const age = completedYears(born, today);
  return BANDS.findLast(([from]) => age >= from)?.[1];
}

/** Which digital offers fit is decided by routes, and they may look at no date of birth. */
export const ageBand: Rule<{ person?: { dateOfBirth?: string } }> = {
  id: 'age-band',
  type: 'intervention.requested',
  check: () => [],
  facts: ({ person }, { today }): Facts => {
    const band = ageBandOf(person?.dateOfBirth, today);
    return band === undefined ? {} : { ageBand: band };
  },
};
