import type { Partner } from '#contracts';
import { webhookEndpoint } from '#channels/webhook.js';
import type { Adapter } from '../adapter.js';

/** North Kent Mind takes signed webhooks. */
export function nkmAdapter(partner: Partner & { url: string }, secrets: readonly string[]): Adapter {
  return webhookEndpoint(partner, secrets);
}
