import type { GroupAttendanceV1 } from '../generated/group.attendance.v1.js';
import { happened, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'group.attendance';

export const groupAttendance: readonly Rule<GroupAttendanceV1>[] = [
  happened('attendance-has-happened', type, ({ sessionOn }) => [['/sessionOn', sessionOn]]),
  {
    id: 'attendance-count-names-nobody',
    type,
    check: ({ kind }, { hasSubject, namesACase }) =>
      kind === 'count' && (hasSubject || namesACase)
        ? [refuse('/kind', 'is a count, which belongs to nobody: leave subject and case reference out')]
        : [],
  },
  {
    id: 'attendance-of-a-person-names-the-case',
    type,
    check: ({ kind }, { namesACase }) =>
      kind === 'named' && !namesACase
        ? [refuse('/kind', 'is of one person: say whose by caseref or partnercaseref, or send a count')]
        : [],
  },
];
