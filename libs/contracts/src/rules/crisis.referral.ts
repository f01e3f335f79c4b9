import type { CrisisReferralV1 } from '../generated/crisis.referral.v1.js';
import { note } from './happened.js';
import type { Rule } from './rule.js';

const type = 'crisis.referral';

export const crisisReferral: readonly Rule<CrisisReferralV1>[] = [
  {
    id: 'crisis-telephone-first',
    type,
    check: ({ telephoned }) =>
      telephoned.done === 'yes'
        ? []
        : [note('/telephoned/done', 'says that nobody was rung; telephone the team now')],
  },
  {
    id: 'crisis-without-consent-says-why',
    type,
    check: ({ consent, withoutConsentBecause }) =>
      ['given', 'limited'].includes(consent.status) || withoutConsentBecause !== undefined
        ? []
        : [note('/withoutConsentBecause', 'is missing; without consent the reason is recorded')],
  },
];
