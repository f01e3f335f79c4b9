import { describe, expect, it } from '@jest/globals';
import { correlationOf, fromBundle, isUuid } from '#fhir';
import { toFhirMessage } from './fhir-endpoint.js';
import { aCarriedDecision as message } from '../../../tests/support/carried-decision.js';

describe('the FHIR message to a partner', () => {
  it('holds the whole copy, under ids that a repeat shares', () => {
    const sent = toFhirMessage('the-key', message);
    expect(sent).toMatchObject({
      requestId: message.deliveryid,
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
