import type { DischargeSummaryV1 } from '../generated/discharge.summary.v1.js';
import { happened, note, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'discharge.summary';

/** A case closes for one of five reasons; the schema asks for what each needs, these ask whether it is enough. */
export const dischargeSummary: readonly Rule<DischargeSummaryV1>[] = [
  happened('discharge-has-happened', type, ({ closedOn, nextParty, handedTo }) => [
    ['/closedOn', closedOn],
    ['/nextParty/acceptedOn', nextParty?.acceptedOn],
    ['/handedTo/handedOverOn', handedTo?.handedOverOn],
  ]),
  {
    id: 'discharge-destination-accepted-before',
    type,
    check: ({ reason, nextParty, closedOn }) =>
      reason === 'destination-accepted' && nextParty !== undefined && nextParty.acceptedOn > closedOn
        ? [
            refuse(
              '/nextParty/acceptedOn',
              'lies after the last day; nobody is let go before somebody has them',
            ),
          ]
        : [],
  },
  {
    id: 'discharge-choice-is-informed',
    type,
    check: ({ reason, choice }) =>
      reason === 'young-persons-choice' && choice?.informed !== 'yes'
        ? [refuse('/choice/informed', 'must be yes: only an informed choice closes a case')]
        : [],
  },
  {
    id: 'discharge-attempts-on-two-channels',
    type,
    check: ({ reason, attempts = [] }) =>
      reason === 'contact-exhausted' && new Set(attempts.map(({ channel }) => channel)).size < 2
        ? [refuse('/attempts', 'must name at least two channels before contact is exhausted')]
        : [],
  },
  {
    id: 'discharge-safeguarding-check-after-attempts',
    type,
    check: ({ reason, attempts = [], safeguardingCheck }) =>
      reason === 'contact-exhausted' && attempts.some(({ on }) => on > (safeguardingCheck?.checkedOn ?? ''))
        ? [refuse('/safeguardingCheck/checkedOn', 'must not lie before the last attempt to reach them')]
        : [],
  },
  {
    id: 'discharge-goals-met-names-one',
    type,
    check: ({ reason, goals = [] }) =>
      reason === 'goals-met' && goals.length > 0 && goals.every(({ reached }) => reached === 'no')
        ? [note('/goals', 'says of every goal that it was not reached, yet goals were met')]
        : [],
  },
];
