import { timingSafeEqual } from 'node:crypto';
import type { DeliveredEnvelope } from '#contracts';
import { isSignedWebhook } from '#channels/webhook.js';
import { fromBundle } from '#fhir';

/** What a simulator writes back. */
export interface Reply {
  status: number;
  type?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** How one partner's endpoint is spoken to, and how it answers. */
export interface Dialect {
  /** The end of the path that it listens on; what stands before is the partner's own affair. */
  path: string;
  authentic(headers: Record<string, string>, body: string): boolean;
  /** The copy; undefined when the body holds none. */
  read(body: string, headers: Record<string, string>): DeliveredEnvelope | undefined;
  /** What the headers call the copy, where they do. */
  idOf(headers: Record<string, string>): string;
  taken(deliveryid: string): Reply;
  duplicate(deliveryid: string): Reply;
  refused(deliveryid: string): Reply;
}

const json = (status: number, body: object, type = 'application/json'): Reply => ({
  status,
  type,
  body: JSON.stringify(body),
});

/** A signed webhook, answered with a bare 204. */
export const webhookDialect = (partner: string, secrets: readonly string[]): Dialect => ({
  path: '',
  authentic: (headers, body) => isSignedWebhook(secrets, headers, body),
  read: (body) => copyFrom(parse(body)),
  idOf: (headers) => headers['webhook-id'] ?? '',
  taken: () => ({ status: 204 }),
  duplicate: () => json(409, { type: `urn:${partner}:duplicate`, status: 409 }, 'application/problem+json'),
  refused: () => json(422, { type: `urn:${partner}:refused`, status: 422 }, 'application/problem+json'),
});

/** JSON under an API key, answered with the echoed deliveryid. */
export const httpDialect = (path: string, apiKey: string): Dialect => ({
  path,
  authentic: (headers) => isBearer(headers, apiKey),
  read: (body) => copyFrom(parse(body)),
  idOf: () => '',
  taken: (deliveryid) => json(200, { deliveryid }),
  duplicate: (deliveryid) => json(409, { code: 'duplicate', deliveryid }),
  refused: () => json(422, { code: 'refused' }),
});

/** A FHIR message, answered with a bundle and the echoed request id. */
export const fhirDialect = (path: string, apiKey: string): Dialect => {
  const fhir = (status: number, id: string, body: object): Reply => ({
    ...json(status, body, 'application/fhir+json'),
    headers: { 'x-request-id': id },
  });
  const failed = (status: number, id: string, code: string): Reply =>
    fhir(status, id, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] });
  return {
    path,
    authentic: (headers) => isBearer(headers, apiKey),
    read: (body, headers) => {
      const read = fromBundle(parse(body));
      if (!('envelope' in read)) return undefined;
      return copyFrom({ ...read.envelope, deliveryid: headers['x-request-id'] });
    },
    idOf: (headers) => headers['x-request-id'] ?? '',
    taken: (id) =>
      fhir(200, id, {
        resourceType: 'Bundle',
        type: 'message',
        entry: [
          {
            resource: {
              resourceType: 'MessageHeader',
              eventUri: 'urn:simulator:received',
              source: { endpoint: 'urn:simulator' },
              response: { identifier: id, code: 'ok' },
            },
          },
        ],
      }),
    duplicate: (id) => failed(409, id, 'duplicate'),
    refused: (id) => failed(422, id, 'business-rule'),
  };
};

function copyFrom(value: unknown): DeliveredEnvelope | undefined {
  const copy = value as Partial<DeliveredEnvelope> | null;
  const whole =
    typeof copy?.id === 'string' && typeof copy.type === 'string' && typeof copy.deliveryid === 'string';
  return whole ? (copy as DeliveredEnvelope) : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isBearer(headers: Record<string, string>, key: string): boolean {
  const given = Buffer.from(headers['authorization'] ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
