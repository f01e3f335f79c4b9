import type { SubjectUpdatedV1 } from '../generated/subject.updated.v1.js';
import { note } from './happened.js';
import type { Rule } from './rule.js';

export const subjectUpdated: readonly Rule<SubjectUpdatedV1>[] = [
  {
    id: 'subject-change-changes',
    type: 'subject.updated',
    check: ({ changes }) =>
      changes.flatMap(({ newHash, oldHash }, index) =>
        newHash === oldHash
          ? [note(`/changes/${index}/newHash`, 'is the same as before: nothing changed')]
          : [],
      ),
  },
];
