import type { Partner } from '#contracts';
import { openConnections, postOnce } from '#channels/http.js';
import type { Adapter } from '../adapter.js';
import { nkmProof, toWebhook } from './map.js';

/** North Kent Mind takes signed webhooks. */
export function nkmAdapter(partner: Partner & { url: string }, secrets: readonly string[]): Adapter {
  const connections = openConnections(partner);
  return {
    partner: partner.id,
    attempt: (work, signal) =>
      postOnce(connections, toWebhook(partner.url, secrets, work.message, new Date()), nkmProof, signal),
    close: () => connections.destroy(),
  };
}
