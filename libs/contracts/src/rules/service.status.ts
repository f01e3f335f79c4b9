import type { ServiceStatusV1 } from '../generated/service.status.v1.js';
import { isAfter, note, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'service.status';

export const serviceStatus: readonly Rule<ServiceStatusV1>[] = [
  {
    id: 'service-status-period',
    type,
    check: ({ from, until }) =>
      until !== undefined && from > until
        ? [refuse('/until', 'lies before the day from which it holds')]
        : [],
  },
  {
    id: 'service-announced-is-not-open',
    type,
    check: ({ state, from }, { today }) =>
      state === 'open' && isAfter(from, today)
        ? [note('/state', 'is open from a day to come; until then it is planned')]
        : [],
  },
];
