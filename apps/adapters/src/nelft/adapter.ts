import type { Partner } from '#contracts';
import { fhirEndpoint } from '#channels/fhir-endpoint.js';
import type { Adapter } from '../adapter.js';

/** NELFT takes FHIR R4 messages at `$process-message`. It cannot tell a repeat. */
export function nelftAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  return fhirEndpoint(partner, apiKey);
}
