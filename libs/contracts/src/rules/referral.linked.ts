import type { ReferralLinkedV1 } from '../generated/index.js';
import { happened, refuse } from './happened.js';
import type { Rule } from './rule.js';

const survivorStandsAlone: Rule<ReferralLinkedV1> = {
  id: 'survivor-stands-alone',
  type: 'referral.linked',
  check: ({ survivingCaseRef, linkedCaseRefs }) =>
    linkedCaseRefs.includes(survivingCaseRef)
      ? [
          refuse(
            '/linkedCaseRefs',
            'The case that goes on is also named as linked. A case cannot be part of itself.',
          ),
        ]
      : [],
};

const receivedBefore = happened<ReferralLinkedV1>(
  'linked-received-before',
  'referral.linked',
  ({ receivedAt }) => [['/receivedAt', receivedAt]],
);

export const referralLinkedRules = [survivorStandsAlone, receivedBefore];
