import type { WaitingStatusV1 } from '../generated/index.js';
import { refuse } from './happened.js';
import type { Rule } from './rule.js';

const estimateInOrder: Rule<WaitingStatusV1> = {
  id: 'estimate-in-order',
  type: 'waiting.status',
  check: ({ estimate }) =>
    estimate && estimate.latest < estimate.earliest
      ? [refuse('/estimate/latest', 'The latest day lies before the earliest.')]
      : [],
};

export const waitingStatusRules = [estimateInOrder];
