import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Agent } from 'undici';
import type { Outcome } from '#contracts';
import { processMessageOnce } from './fhir.js';
import { openConnections } from './http.js';

const requestId = '0198c0de-0000-7000-8000-000000000001';
const accepted = JSON.stringify({ resourceType: 'Bundle', type: 'message' });
const issue = (severity: string, code: string): string =>
  JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity, code }] });

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[] = [];
let server: Server;
let baseUrl: string;
let connections: Agent;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  connections = openConnections({ idempotent: false });
});
beforeEach(() => {
  requests = [];
});
afterAll(async () => {
  await connections.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('what a FHIR answer means', () => {
  const echo = { 'x-request-id': requestId };
  it.each<[string, number, string, Record<string, string>, Partial<Outcome>]>([
    ['a bundle with our request id', 200, accepted, echo, { class: 'delivered', code: 'acknowledged' }],
    [
      'information with our request id',
      200,
      issue('information', 'informational'),
      echo,
      { class: 'delivered' },
    ],
    ['a bundle with no request id', 200, accepted, {}, { arrived: 'maybe', code: 'no-evidence' }],
    [
      'another request id',
      200,
      accepted,
      { 'x-request-id': 'other' },
      { arrived: 'maybe', code: 'no-evidence' },
    ],
    [
      'an error behind a 200',
      200,
      issue('error', 'processing'),
      echo,
      { arrived: 'maybe', code: 'no-evidence' },
    ],
    ['a page', 200, '<html></html>', echo, { arrived: 'maybe', code: 'no-evidence' }],
    [
      'a bundle that claims to be packed',
      200,
      accepted,
      { ...echo, 'content-encoding': 'gzip' },
      { code: 'no-evidence' },
    ],
    ['nothing', 200, '', echo, { arrived: 'maybe', code: 'no-evidence' }],
    ['a duplicate', 409, issue('error', 'duplicate'), echo, { class: 'delivered', code: 'duplicate' }],
    ['a conflict', 409, issue('error', 'conflict'), echo, { class: 'refused-permanent', arrived: 'no' }],
    ['a refusal', 422, issue('error', 'business-rule'), echo, { class: 'refused-permanent', arrived: 'no' }],
    [
      'a copy that is still being processed',
      425,
      issue('error', 'transient'),
      echo,
      { arrived: 'maybe', code: 'timeout' },
    ],
    ['no authority', 401, '', {}, { class: 'refused-auth', arrived: 'no' }],
    [
      'misdirected, which fetch would like to send again',
      421,
      '',
      {},
      { code: 'unmapped', arrived: 'maybe' },
    ],
    ['a redirect', 307, '', { location: '/fhir/elsewhere' }, { arrived: 'maybe', code: 'redirected' }],
    ['a failure', 500, 'oh', {}, { arrived: 'maybe', code: 'server-error' }],
    ['a rest', 503, '', { 'retry-after': '3' }, { arrived: 'no', code: 'unavailable', retryAfterMs: 3000 }],
  ])('%s', async (_name, status, body, headers, expected) => {
    answer = (_request, response) => response.writeHead(status, headers).end(body);
    expect(await send()).toMatchObject(expected);
    expect(requests.length).toBe(1);
  });
});

it('asks $process-message with both ids, the same on every attempt', async () => {
  answer = (_request, response) => response.end(accepted);
  await send();
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: '/fhir/$process-message',
    headers: {
      'content-type': 'application/fhir+json',
      'x-request-id': requestId,
      'x-correlation-id': 'a-case',
      authorization: 'Bearer key',
    },
  });
});

it('knows what left', async () => {
  answer = (request) => request.socket.resetAndDestroy();
  expect(await send()).toMatchObject({ arrived: 'maybe', code: 'reset' });
  answer = () => undefined;
  expect(await send(baseUrl, AbortSignal.timeout(50))).toMatchObject({ arrived: 'maybe', code: 'timeout' });
  expect(await send('http://partner.invalid')).toMatchObject({ arrived: 'no', code: 'connection-refused' });
});

function send(to = baseUrl, signal = new AbortController().signal): Promise<Outcome> {
  const bundle = { resourceType: 'Bundle' as const, type: 'message' as const };
  const headers = { authorization: 'Bearer key' };
  return processMessageOnce(connections, to, { bundle, requestId, correlationId: 'a-case', headers }, signal);
}
