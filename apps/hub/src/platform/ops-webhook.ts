import { Webhook } from 'standardwebhooks';
import { fetch } from 'undici';
import type { Logger } from './log.js';

/** A person is to be told. Ids and sentences of ours: nothing of a message's content. */
export interface Alert {
  /** The same at every try, so that a receiver can tell a repeat. */
  alertId: string;
  at: string | Date;
  severity: 'info' | 'warning' | 'urgent';
  /** A stable word for what has happened. */
  kind: string;
  /** Whom it concerns, a role. */
  owner: string;
  text: string;
  partner: string | null;
  messageId: string | null;
  deliveryId: string | null;
}

const WITHIN_MS = 5_000;

/**
 * Tells of one alert: a line in the log that a person at the console sees, and a POST signed by Standard Webhooks
 * where one is configured. True when it was taken (or none is configured); false: tell again, for the ledger still
 * has it.
 */
export function alertSender(
  webhook: { url: string; secret: string } | undefined,
  logger: Logger,
): (alert: Alert) => Promise<boolean> {
  const signer = webhook && new Webhook(webhook.secret);
  return async ({ alertId, at, severity, kind, owner, text, partner, messageId, deliveryId }) => {
    const alert = { alertId, at, severity, kind, owner, text, partner, messageId, deliveryId };
    logger.warn(alert, 'alert');
    if (!webhook || !signer) return true;
    const body = JSON.stringify({ type: 'hub.alert', timestamp: at, data: alert });
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: signedHeaders(signer, alertId, body),
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(WITHIN_MS),
      });
      await response.body?.cancel();
      if (response.ok) return true;
      logger.error({ alertId, status: response.status }, 'ops webhook did not take the alert');
    } catch (error) {
      logger.error({ alertId, err: error }, 'ops webhook did not answer');
    }
    return false;
  };
}

function signedHeaders(signer: Webhook, id: string, body: string): Record<string, string> {
  const now = new Date();
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signer.sign(id, now, body),
  };
}
