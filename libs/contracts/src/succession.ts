import type { RoleAssignment } from './alliance.js';

/**
 * Ends each assignment that a later one takes over on the day before it. What is not enabled ends nobody; it stays in
 * the list, so that it can be checked before it is wanted.
 */
export function withSuccession(roles: readonly RoleAssignment[]): RoleAssignment[] {
  return roles.map((assignment) => {
    const { role, from, until } = assignment;
    const successor = roles.find(
      (one) =>
        one.takesOver &&
        isEnabled(one) &&
        one.role === role &&
        from < one.from &&
        (until === undefined || one.from <= until),
    );
    return successor ? { ...assignment, until: dayBefore(successor.from) } : assignment;
  });
}

export const isEnabled = ({ enabled = true }: RoleAssignment): boolean => enabled;

/** The day before one, both `YYYY-MM-DD`. */
export function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}
