import type { MinimisedMessage, Partner } from '#contracts';
import type { Endpoint } from './endpoint.js';
import { jsonOf, openConnections, postOnce, type Post, type Proof } from './http.js';

/** The copy as a POST to `<url>/messages`: the CloudEvent itself, with the key as bearer token. */
export function toJsonPost(url: string, apiKey: string, message: MinimisedMessage): Post {
  return {
    url: `${url.replace(/\/$/, '')}/messages`,
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(message),
  };
}

/** The deliveryid that the partner echoes, to a repeat as well; or 409 with the code `duplicate`. */
export function echoProof(deliveryId: string): Proof {
  return {
    taken: ({ body }) => (jsonOf(body)?.['deliveryid'] === deliveryId ? deliveryId : undefined),
    duplicate: ({ body }) => jsonOf(body)?.['code'] === 'duplicate',
  };
}

/** A partner that takes CloudEvents as JSON over HTTP under an API key. */
export function jsonEndpoint(partner: Partner & { url: string }, apiKey: string): Endpoint {
  const connections = openConnections(partner);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) =>
      postOnce(connections, toJsonPost(partner.url, apiKey, message), echoProof(message.deliveryid), signal),
    close: () => connections.destroy(),
  };
}
