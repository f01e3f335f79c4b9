import type { Partner } from '#contracts';
import { openConnections, postOnce } from '#channels/http.js';
import type { Adapter } from '../adapter.js';
import { salusProof, toPost } from './map.js';

/** Salus takes JSON over HTTP under an API key. */
export function salusAdapter(partner: Partner & { url: string }, apiKey: string): Adapter {
  const connections = openConnections(partner);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) =>
      postOnce(connections, toPost(partner.url, apiKey, message), salusProof(message.deliveryid), signal),
    close: () => connections.destroy(),
  };
}
