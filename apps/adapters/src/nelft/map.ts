import type { MinimisedMessage } from '#contracts';
import type { FhirMessage } from '#channels/fhir.js';
import { toBundle } from '#fhir';

/**
 * The copy as a FHIR message. The request id is the same on every attempt; the correlation id is that of the case, or
 * of the message where there is no case.
 */
export function toFhirMessage(apiKey: string, message: MinimisedMessage): FhirMessage {
  return {
    bundle: toBundle(message),
    requestId: message.deliveryid,
    correlationId: message.caseref ?? message.id,
    headers: { authorization: `Bearer ${apiKey}` },
  };
}
