import { describe, expect, it } from '@jest/globals';
import type { MinimisedMessage } from '#contracts';
import { correlationOf, fromBundle, isUuid } from '#fhir';
import { toFhirMessage } from './fhir-endpoint.js';

const deliveryId = '0198c0de-0000-7000-8000-000000000002';
const message = {
  specversion: '1.0',
  id: '0198c0de-0000-7000-8000-000000000001',
  source: '/partners/nkm',
  type: 'mta.step.decision.v1',
  time: '2026-04-01T09:00:00Z',
  caseref: 'MTA-0000-0000-0',
  causationid: '0198c0de-0000-7000-8000-000000000003',
  deliveryid: deliveryId,
  data: {
    decision: 'accepted',
    decidedAt: '2026-04-01T09:00:00Z',
    decidedBy: 'team lead',
    ownerFrom: '2026-04-02',
  },
} as unknown as MinimisedMessage;

describe('the FHIR message to a partner', () => {
  it('holds the whole copy, under ids that a repeat shares', () => {
    const sent = toFhirMessage('the-key', message);
    expect(sent).toMatchObject({
      requestId: deliveryId,
      correlationId: correlationOf(message),
      headers: { authorization: 'Bearer the-key' },
    });
    expect(fromBundle(JSON.parse(JSON.stringify(sent.bundle)))).toMatchObject({ envelope: message });
  });

  it('is correlated by the message where there is no case', () => {
    const { caseref: _none, ...without } = message;
    const alone = toFhirMessage('k', without).correlationId;
    expect(isUuid(alone)).toBe(true);
    expect(alone).not.toBe(correlationOf(message));
  });
});
