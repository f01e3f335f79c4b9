import type { Bundle } from 'fhir/r4.js';
import { Client, type RequestOptions } from 'fhir-kit-client';
import { Dispatcher1Wrapper, type Dispatcher } from 'undici';
import type { Outcome } from '#contracts';
import { jsonOf, sendOnce, type Answer, type Proof } from './http.js';

/** One FHIR message for a partner's `$process-message`. */
export interface FhirMessage {
  bundle: Bundle;
  /** `X-Request-Id`: the deliveryid, the same on every attempt, so that a receiver can tell a repeat. */
  requestId: string;
  /** `X-Correlation-Id`: the same for all messages of a case. */
  correlationId: string;
  headers?: Record<string, string>;
}

/** Posts a message bundle once through fhir-kit-client; judged by the same table as any other HTTP partner. */
export async function processMessageOnce(
  connections: Dispatcher,
  baseUrl: string,
  message: FhirMessage,
  signal: AbortSignal,
): Promise<Outcome> {
  const client = new Client({ baseUrl });
  return sendOnce(connections, fhirProof(message.requestId), signal, async (through) => {
    const options: RequestOptions = {
      headers: {
        ...message.headers,
        'x-request-id': message.requestId,
        'x-correlation-id': message.correlationId,
        'accept-encoding': 'identity',
      },
      signal,
      redirect: 'manual',
    };
    // The client sends by Node's own fetch, whose undici is an older one, in handlers and in types.
    Object.assign(options, { dispatcher: new Dispatcher1Wrapper(through) });
    await client.operation({ name: 'process-message', input: { ...message.bundle }, options });
  });
}

/**
 * BaRS's rules of evidence: the receiver echoes X-Request-Id "at all times", and 409 with the issue code `duplicate`
 * means nothing but "had it before".
 */
export function fhirProof(requestId: string): Proof {
  return {
    taken: (answer) => {
      const resource = jsonOf(answer.body);
      const accepted = resource?.['resourceType'] === 'Bundle' || isMerelyInformation(resource);
      return accepted && answer.headers['x-request-id'] === requestId ? requestId : undefined;
    },
    duplicate: (answer) => issuesOf(answer).some((issue) => issue.code === 'duplicate'),
  };
}

interface Issue {
  severity?: unknown;
  code?: unknown;
}

function issuesOf(answer: Answer): Issue[] {
  return issues(jsonOf(answer.body));
}

function issues(resource: Record<string, unknown> | undefined): Issue[] {
  if (resource?.['resourceType'] !== 'OperationOutcome' || !Array.isArray(resource['issue'])) return [];
  return (resource['issue'] as unknown[]).filter(
    (one): one is Issue => typeof one === 'object' && one !== null,
  );
}

/** An OperationOutcome with at least one issue, none of them an error. */
function isMerelyInformation(resource: Record<string, unknown> | undefined): boolean {
  const found = issues(resource);
  return (
    found.length > 0 &&
    found.every((issue) => issue.severity === 'information' || issue.severity === 'warning')
  );
}
