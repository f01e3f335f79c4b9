import { describe, expect, it } from '@jest/globals';
import type { RoleAssignment } from './alliance.js';
import { withSuccession } from './succession.js';

const nelft: RoleAssignment = { role: 'specialist', partner: 'nelft', from: '2026-04-01' };
const kmpt: RoleAssignment = { role: 'specialist', partner: 'kmpt', from: '2027-03-01', takesOver: true };

describe('a role that is taken over', () => {
  it('is the old partner’s until the day before', () => {
    expect(withSuccession([nelft, kmpt])).toEqual([{ ...nelft, until: '2027-02-28' }, kmpt]);
  });

  it('stays with the old partner while the successor is not enabled', () => {
    expect(withSuccession([nelft, { ...kmpt, enabled: false }])[0]).toEqual(nelft);
  });

  it('is no other role, and no period that has ended before', () => {
    const other = { ...nelft, role: 'crisis-team' };
    const ended = { ...nelft, until: '2026-12-31' };
    expect(withSuccession([other, ended, kmpt]).slice(0, 2)).toEqual([other, ended]);
  });
});
