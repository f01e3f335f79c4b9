import type { IdentityLinkV1 } from '../generated/identity.link.v1.js';
import type { IdentityUnlinkV1 } from '../generated/identity.unlink.v1.js';
import { happened, refuse } from './happened.js';
import type { Rule } from './rule.js';

export const identityLink: readonly Rule<IdentityLinkV1>[] = [
  happened('identity-link-has-happened', 'identity.link', ({ proof }) => [
    ['/proof/redeemedAt', proof.redeemedAt],
  ]),
  {
    id: 'identity-own-choice',
    type: 'identity.link',
    check: ({ choice }) =>
      choice.status === 'given' && choice.by === 'young-person'
        ? []
        : [refuse('/choice', 'must be given by the young person: nobody else can link them')],
  },
];

export const identityUnlink: readonly Rule<IdentityUnlinkV1>[] = [
  happened('identity-unlink-has-happened', 'identity.unlink', ({ requestedAt }) => [
    ['/requestedAt', requestedAt],
  ]),
];
