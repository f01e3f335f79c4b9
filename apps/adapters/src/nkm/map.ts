import type { MinimisedMessage } from '#contracts';
import { jsonOf, type Post, type Proof } from '#channels/http.js';
import { signWebhook } from '#channels/webhook.js';

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

/** NKM answers a bare 204, to a repeat as well; its marker of a duplicate is a problem of that type. */
export const nkmProof: Proof = {
  taken: ({ status, body }) => (status === 204 && body === '' ? '204' : undefined),
  duplicate: ({ body }) => jsonOf(body)?.['type'] === 'urn:nkm:duplicate',
};
