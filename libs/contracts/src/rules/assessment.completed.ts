import type { AssessmentCompletedV1 } from '../generated/index.js';
import { happened } from './happened.js';
import { checkNeeds } from './referral.js';
import type { Rule } from './rule.js';

/** The clock stops when it was held, not when it was booked. */
const held = happened<AssessmentCompletedV1>('assessment-held', 'assessment.completed', ({ heldOn }) => [
  ['/heldOn', heldOn],
]);

const needsRanked: Rule<AssessmentCompletedV1> = {
  id: 'needs-ranked',
  type: 'assessment.completed',
  check: ({ needs }) => checkNeeds(needs),
};

export const assessmentCompletedRules = [held, needsRanked];
