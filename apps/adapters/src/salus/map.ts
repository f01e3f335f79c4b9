import type { MinimisedMessage } from '#contracts';
import { jsonOf, type Post, type Proof } from '#channels/http.js';

/** The copy as a POST to `<url>/messages` with the key as bearer token. */
export function toPost(url: string, apiKey: string, message: MinimisedMessage): Post {
  return {
    url: `${url.replace(/\/$/, '')}/messages`,
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(message),
  };
}

/** Salus echoes the deliveryid of what it took; to a repeat as well, or with 409 and the code `duplicate`. */
export function salusProof(deliveryId: string): Proof {
  return {
    taken: ({ body }) => (jsonOf(body)?.['deliveryid'] === deliveryId ? deliveryId : undefined),
    duplicate: ({ body }) => jsonOf(body)?.['code'] === 'duplicate',
  };
}
