import { expect, it } from '@jest/globals';
import { pastFillings } from './past-fillings.js';

const roles = [
  { role: 'specialist', partner: 'nelft', from: '2026-04-01', until: '2027-03-31' },
  { role: 'specialist', partner: 'kmpt', from: '2027-04-01' },
  { role: 'mentoring', partner: 'salus', from: '2026-04-01', until: '2027-03-31' },
  { role: 'front-door', partner: 'nkm', from: '2026-04-01' },
];

it.each([
  ['2027-03-31', []],
  ['2027-04-01', [{ role: 'specialist', partner: 'nelft' }]],
])('on %s those left behind are %j', (today, expected) => {
  expect(pastFillings(roles, today)).toEqual(expected);
});

it('is nobody who has the role again', () => {
  const again = [...roles.slice(0, 1), { role: 'specialist', partner: 'nelft', from: '2027-06-01' }];
  expect(pastFillings(again, '2027-07-01')).toEqual([]);
});
