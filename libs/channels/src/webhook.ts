import { Webhook } from 'standardwebhooks';
import type { MinimisedMessage, Partner } from '#contracts';
import type { Endpoint } from './endpoint.js';
import { jsonOf, openConnections, postOnce, type Post, type Proof } from './http.js';

/**
 * The headers of a Standard Webhook, signed with every secret given, so that old and new are both good during a
 * rotation. `id` is the deliveryid: the same on every attempt, which is how a receiver tells a repeat.
 * @param secrets `whsec_` and base64, or bare base64; at least one
 * @throws Error when there is no secret or one is not base64
 */
export function signWebhook(
  secrets: readonly string[],
  id: string,
  body: string,
  at: Date,
): Record<string, string> {
  if (secrets.length === 0) throw new Error('a webhook needs at least one secret to be signed with');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

/** Whether the headers sign this body with one of the secrets, not more than five minutes ago. */
export function isSignedWebhook(
  secrets: readonly string[],
  headers: Record<string, string>,
  body: string,
): boolean {
  return secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
}

/** The copy as a Standard Webhook: the CloudEvent itself is the body, the deliveryid is the webhook's id. */
export function toWebhook(
  url: string,
  secrets: readonly string[],
  message: MinimisedMessage,
  at: Date,
): Post {
  const body = JSON.stringify(message);
  return {
    url,
    headers: {
      'content-type': 'application/cloudevents+json',
      ...signWebhook(secrets, message.deliveryid, body, at),
    },
    body,
  };
}

/** A bare 204, to a repeat as well; the marker of a duplicate is a problem of the type `urn:<partner>:duplicate`. */
export function bareProof(partner: string): Proof {
  return {
    taken: ({ status, body }) => (status === 204 && body === '' ? '204' : undefined),
    duplicate: ({ body }) => jsonOf(body)?.['type'] === `urn:${partner}:duplicate`,
  };
}

/** A partner that takes signed webhooks and answers with a bare 204. */
export function webhookEndpoint(partner: Partner & { url: string }, secrets: readonly string[]): Endpoint {
  const connections = openConnections(partner);
  const proof = bareProof(partner.id);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) =>
      postOnce(connections, toWebhook(partner.url, secrets, message, new Date()), proof, signal),
    close: () => connections.destroy(),
  };
}
