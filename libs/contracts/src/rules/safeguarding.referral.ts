import type { SafeguardingReferralV1 } from '../generated/safeguarding.referral.v1.js';
import { happened, note } from './happened.js';
import type { Rule } from './rule.js';

const type = 'safeguarding.referral';

export const safeguardingReferral: readonly Rule<SafeguardingReferralV1>[] = [
  happened('safeguarding-observed-has-happened', type, ({ observedAt }) => [['/observedAt', observedAt]]),
  {
    id: 'safeguarding-telephone-first',
    type,
    check: ({ telephoned }) =>
      telephoned.done === 'yes'
        ? []
        : [note('/telephoned/done', 'says that nobody was rung; telephone the front door now')],
  },
  {
    id: 'safeguarding-not-told-says-why',
    type,
    check: ({ youngPersonTold, carerTold, notToldBecause }) =>
      [youngPersonTold, carerTold].includes('no') && notToldBecause === undefined
        ? [note('/notToldBecause', 'is missing; who was not told, and why, is recorded')]
        : [],
  },
];
