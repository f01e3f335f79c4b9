import type { InterventionStatusV1 } from '../generated/intervention.status.v1.js';
import { happened } from './happened.js';
import type { Rule } from './rule.js';

export const interventionStatus: readonly Rule<InterventionStatusV1>[] = [
  // A pause may be announced; what began, goes on or ended has done so.
  happened('intervention-status-has-happened', 'intervention.status', ({ status, on }) => [
    ['/on', status === 'paused' ? undefined : on],
  ]),
];
