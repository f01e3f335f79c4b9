import type { ReferralRedirectedV1 } from '../generated/index.js';
import { happened, note } from './happened.js';
import type { Rule } from './rule.js';

const receivedBefore = happened<ReferralRedirectedV1>(
  'redirected-received-before',
  'referral.redirected',
  ({ receivedAt }) => [['/receivedAt', receivedAt]],
);

/** A redirect is assisted: the other side must be able to reach the young person, or somebody brings them together. */
const reachable: Rule<ReferralRedirectedV1> = {
  id: 'redirect-reachable',
  type: 'referral.redirected',
  check: ({ contactRoutes }) =>
    contactRoutes.some(
      ({ kind, value, safe }) => safe !== 'no' && (value !== undefined || kind === 'in-person'),
    )
      ? []
      : [
          note(
            '/contactRoutes',
            'There is no safe way to reach the young person. Stay with them until the other side has one.',
          ),
        ],
};

export const referralRedirectedRules = [receivedBefore, reachable];
