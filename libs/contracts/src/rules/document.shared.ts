import type { DocumentSharedV1 } from '../generated/document.shared.v1.js';
import { dayOf, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'document.shared';

/** SHA-256 of no bytes at all. */
const OF_NOTHING = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const documentShared: readonly Rule<DocumentSharedV1>[] = [
  {
    id: 'document-has-content',
    type,
    check: ({ hash }) =>
      hash === OF_NOTHING ? [refuse('/hash', 'is that of an empty document: upload it, then share it')] : [],
  },
  {
    id: 'document-consent-not-refused',
    type,
    check: ({ consent }) =>
      ['refused', 'withdrawn', 'expired'].includes(consent.status)
        ? [refuse('/consent/status', 'does not allow it: a document goes with consent')]
        : [],
  },
  {
    id: 'document-not-expired',
    type,
    check: ({ expiresOn }, { today }) =>
      (dayOf(expiresOn) ?? today) < today
        ? [refuse('/expiresOn', 'has passed: share the version that holds')]
        : [],
  },
];
