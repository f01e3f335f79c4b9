import type { Partner } from '#contracts';
import { jsonEndpoint } from '#channels/json.js';
import type { Adapter } from '../adapter.js';

/** Salus in Kent takes JSON over HTTP, at an endpoint and under a key that Salus in Medway does not share. */
export function salusKentAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  return jsonEndpoint(partner, apiKey);
}
