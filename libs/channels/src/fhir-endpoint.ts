import type { MinimisedMessage, Partner } from '#contracts';
import { correlationOf, toBundle } from '#fhir';
import type { Endpoint } from './endpoint.js';
import { processMessageOnce, type FhirMessage } from './fhir.js';
import { openConnections } from './http.js';

/**
 * The copy as a FHIR message. The request id is the same on every attempt, the correlation id on all messages of a
 * case.
 */
export function toFhirMessage(apiKey: string, message: MinimisedMessage): FhirMessage {
  return {
    bundle: toBundle(message),
    requestId: message.deliveryid,
    correlationId: correlationOf(message),
    headers: { authorization: `Bearer ${apiKey}` },
  };
}

/** A partner that takes FHIR R4 messages at `$process-message`. */
export function fhirEndpoint(partner: Partner & { url: string }, apiKey: string): Endpoint {
  const connections = openConnections(partner);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) =>
      processMessageOnce(connections, partner.url, toFhirMessage(apiKey, message), signal),
    close: () => connections.destroy(),
  };
}
