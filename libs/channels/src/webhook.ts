import { Webhook } from 'standardwebhooks';

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
