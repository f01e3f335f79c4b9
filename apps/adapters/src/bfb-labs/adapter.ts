import type { Partner } from '#contracts';
import { jsonEndpoint } from '#channels/json.js';
import type { Adapter } from '../adapter.js';

/** BFB Labs takes JSON over HTTP under an API key. */
export function bfbLabsAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  return jsonEndpoint(partner, apiKey);
}
