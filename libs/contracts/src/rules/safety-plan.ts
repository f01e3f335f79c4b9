import type { SafetyPlanSharedV1 } from '../generated/safety-plan.shared.v1.js';
import type { SafetyPlanWithdrawnV1 } from '../generated/safety-plan.withdrawn.v1.js';
import { happened, note, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'safety-plan.shared';

export const safetyPlanShared: readonly Rule<SafetyPlanSharedV1>[] = [
  happened('safety-plan-has-happened', type, ({ madeOn }) => [['/madeOn', madeOn]]),
  {
    // Any other basis would let it reach somebody whom the young person refused.
    id: 'safety-plan-needs-consent',
    type,
    check: (_data, { basis }) =>
      basis === undefined || basis === 'consent'
        ? []
        : [refuse('/recipients', 'go with consent alone: leave the sharing basis out, or name consent')],
  },
  {
    id: 'safety-plan-recipient-once',
    type,
    check: ({ recipients }) =>
      recipients.flatMap(({ party }, index) =>
        recipients.findIndex((other) => other.party === party) < index
          ? [refuse(`/recipients/${index}/party`, 'stands there twice: one answer for each party')]
          : [],
      ),
  },
  {
    id: 'safety-plan-somebody-agreed',
    type,
    check: ({ recipients }) =>
      recipients.some(({ status }) => status === 'given')
        ? []
        : [
            note(
              '/recipients',
              'name nobody whom the young person agreed to: the plan stays with them alone',
            ),
          ],
  },
  {
    id: 'safety-plan-review-follows',
    type,
    check: ({ madeOn, reviewOn }) =>
      reviewOn < madeOn ? [refuse('/reviewOn', 'lies before the day on which it was made')] : [],
  },
];

export const safetyPlanWithdrawn: readonly Rule<SafetyPlanWithdrawnV1>[] = [
  happened('safety-plan-withdrawal-has-happened', 'safety-plan.withdrawn', ({ withdrawnAt }) => [
    ['/withdrawnAt', withdrawnAt],
  ]),
  {
    id: 'safety-plan-withdrawal-gives-nothing',
    type: 'safety-plan.withdrawn',
    check: ({ recipients = [] }) =>
      recipients.flatMap(({ status }, index) =>
        status === 'given'
          ? [refuse(`/recipients/${index}/status`, 'is given: a withdrawal gives nothing')]
          : [],
      ),
  },
];
