import type { MinimisedMessage } from '#contracts';

/** A copy as an adapter gets it: a decision, in answer to a message, for whoever asked. */
export const aCarriedDecision = {
  specversion: '1.0',
  id: '0198c0de-0000-7000-8000-000000000001',
  source: '/partners/nkm',
  type: 'mta.step.decision.v1',
  time: '2026-04-01T09:00:00Z',
  caseref: 'MTA-0000-0000-0',
  causationid: '0198c0de-0000-7000-8000-000000000003',
  deliveryid: '0198c0de-0000-7000-8000-000000000002',
  data: {
    decision: 'accepted',
    decidedAt: '2026-04-01T09:00:00Z',
    decidedBy: 'team lead',
    ownerFrom: '2026-04-02',
  },
} as unknown as MinimisedMessage;
