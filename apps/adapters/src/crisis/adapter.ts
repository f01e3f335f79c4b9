import type { Partner } from '#contracts';
import { fhirEndpoint } from '#channels/fhir-endpoint.js';
import type { Adapter } from '../adapter.js';

/** The crisis team takes FHIR R4 messages at `$process-message`. */
export function crisisAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  return fhirEndpoint(partner, apiKey);
}
