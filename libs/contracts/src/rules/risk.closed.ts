import type { RiskClosedV1 } from '../generated/risk.closed.v1.js';
import { happened, note } from './happened.js';
import type { Rule } from './rule.js';

const type = 'risk.closed';

export const riskClosed: readonly Rule<RiskClosedV1>[] = [
  happened('risk-closed-has-happened', type, ({ closedAt }) => [['/closedAt', closedAt]]),
  {
    id: 'risk-closed-without-danger',
    type,
    check: ({ reason, risk }) =>
      reason !== 'taken-on-by-other' && risk?.immediateDanger === 'yes'
        ? [note('/risk/immediateDanger', 'is yes, yet the risk is closed and nobody else has it')]
        : [],
  },
];
