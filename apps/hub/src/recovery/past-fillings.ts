import type { RoleAssignment } from '#contracts';
import type { PastFilling } from '../store/dead-letters.js';

/** Who filled a role until another partner took it over: what still waits for them is to be redirected. Pure. */
export function pastFillings(roles: readonly RoleAssignment[], today: string): PastFilling[] {
  const fills = ({ from, until }: RoleAssignment): boolean =>
    from <= today && (until === undefined || today <= until);
  const now = new Map(roles.filter(fills).map(({ role, partner }) => [role, partner]));
  return roles
    .filter(({ role, partner, until }) => {
      const present = now.get(role);
      return until !== undefined && until < today && present !== undefined && present !== partner;
    })
    .map(({ role, partner }) => ({ role, partner }));
}
