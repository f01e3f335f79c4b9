import type { SafeguardingOutcomeV1 } from '../generated/safeguarding.outcome.v1.js';
import { happened } from './happened.js';
import type { Rule } from './rule.js';

export const safeguardingOutcome: readonly Rule<SafeguardingOutcomeV1>[] = [
  happened('safeguarding-outcome-has-happened', 'safeguarding.outcome', ({ decidedAt }) => [
    ['/decidedAt', decidedAt],
  ]),
];
