import type { InterventionCompletedV1 } from '../generated/intervention.completed.v1.js';
import { happened, note, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'intervention.completed';

type Reason = InterventionCompletedV1['reason'];
type Next = InterventionCompletedV1['recommendedNext']['kind'];

/** What may follow a reason; any other reason leaves it open. */
const FOLLOWS: Partial<Record<Reason, readonly Next[]>> = {
  'step-up': ['step-up'],
  'step-down': ['step-down'],
  'goals-met': ['nothing-further', 'step-down', 'other-service', 'review', 'self-help'],
  // Who cannot be reached is looked for, never let go.
  unreachable: ['reach-out', 'review', 'step-up'],
};

export const interventionCompleted: readonly Rule<InterventionCompletedV1>[] = [
  happened('completed-has-happened', type, ({ endedOn }) => [['/endedOn', endedOn]]),
  {
    id: 'completed-next-fits-reason',
    type,
    check: ({ reason, recommendedNext }) =>
      FOLLOWS[reason]?.includes(recommendedNext.kind) === false
        ? [refuse('/recommendedNext/kind', 'does not follow from the reason for which it ended')]
        : [],
  },
  {
    id: 'completed-measure-or-why-not',
    type,
    check: ({ measures, measuresMissingBecause }) =>
      measures.length === 0 && measuresMissingBecause === undefined
        ? [note('/measures', 'is empty; a last measure is expected, or why there is none')]
        : [],
  },
];
