import type { Partner } from '#contracts';
import { processMessageOnce } from '#channels/fhir.js';
import { openConnections } from '#channels/http.js';
import type { Adapter } from '../adapter.js';
import { toFhirMessage } from './map.js';

/** NELFT takes FHIR R4 messages at `$process-message`. It cannot tell a repeat. */
export function nelftAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  const connections = openConnections(partner);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) =>
      processMessageOnce(connections, partner.url, toFhirMessage(apiKey, message), signal),
    close: () => connections.destroy(),
  };
}
