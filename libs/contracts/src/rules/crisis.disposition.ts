import type { CrisisDispositionV1 } from '../generated/crisis.disposition.v1.js';
import { happened, note } from './happened.js';
import type { Rule } from './rule.js';

const type = 'crisis.disposition';

export const crisisDisposition: readonly Rule<CrisisDispositionV1>[] = [
  happened('crisis-disposition-has-happened', type, ({ receivedAt, decidedAt }) => [
    ['/receivedAt', receivedAt],
    ['/decidedAt', decidedAt],
  ]),
  {
    id: 'crisis-disposition-after-referral',
    type,
    check: ({ receivedAt, decidedAt }) =>
      Date.parse(decidedAt) < Date.parse(receivedAt)
        ? [note('/decidedAt', 'lies before the referral was received')]
        : [],
  },
];
