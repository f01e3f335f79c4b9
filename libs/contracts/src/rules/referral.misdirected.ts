import type { ReferralMisdirectedV1 } from '../generated/index.js';
import { happened } from './happened.js';
import { referralRules } from './referral.js';

const type = 'referral.misdirected';

export const referralMisdirectedRules = [
  // Clocks count from this moment: one in the future would give time that nobody has.
  happened<ReferralMisdirectedV1>('misdirected-received-before', type, ({ receivedAt }) => [
    ['/receivedAt', receivedAt],
  ]),
  ...referralRules<ReferralMisdirectedV1>(type, '/referral', (data) => data.referral),
];
