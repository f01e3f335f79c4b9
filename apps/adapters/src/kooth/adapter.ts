import type { Partner } from '#contracts';
import { webhookEndpoint } from '#channels/webhook.js';
import type { Adapter } from '../adapter.js';

/** Kooth takes signed webhooks: offers, and never an identity. */
export function koothAdapter(partner: Partner & { url: string }, secrets: readonly string[]): Adapter {
  return webhookEndpoint(partner, secrets);
}
