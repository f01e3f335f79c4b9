import type { ReferralSubmittedV1 } from '../generated/index.js';
import { referralRules } from './referral.js';

export const referralSubmittedRules = referralRules<ReferralSubmittedV1>(
  'referral.submitted',
  '',
  (data) => data,
);
