import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpDoor } from './http-door.js';
import { verdictOf } from './pickup.js';

let server: Server;
let url: string;
let seen: { path: string; headers: Record<string, unknown>; body: string }[] = [];
let statuses: number[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ path: request.url ?? '', headers: request.headers, body });
      const token = request.url === '/oauth2/token';
      const answer = token
        ? JSON.stringify({ access_token: `t${seen.length}`, expires_in: 600 })
        : '{"ok":true}';
      response.writeHead(token ? 200 : (statuses.shift() ?? 202), { 'x-request-id': 'r' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  seen = [];
  statuses = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = () => httpDoor(url, { clientId: 'chums', clientSecret: 's' });

it('posts as the partner, with one token for many posts', async () => {
  const door = open();
  const answer = await door.post('/v1/messages', 'application/json', '{"a":1}', { 'x-more': 'm' });
  await door.post('/v1/batches?kind=outcomes', 'text/csv', Buffer.from('a;b'));
  expect(answer).toMatchObject({ status: 202, headers: { 'x-request-id': 'r' }, body: '{"ok":true}' });
  expect(seen.map(({ path }) => path)).toEqual([
    '/oauth2/token',
    '/v1/messages',
    '/v1/batches?kind=outcomes',
  ]);
  expect(seen[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('chums:s').toString('base64')}`);
  expect(seen[1]).toMatchObject({ headers: { authorization: 'Bearer t1', 'x-more': 'm' }, body: '{"a":1}' });
  expect(seen[2]).toMatchObject({ headers: { 'content-type': 'text/csv' }, body: 'a;b' });
});

it('gives a FHIR message the ids that its door wants, the same for the same bytes', async () => {
  const door = open();
  const given = async (path: string, body: string): Promise<unknown[]> => {
    await door.post(path, 'application/json', body);
    const headers = seen.at(-1)?.headers ?? {};
    return [headers['x-request-id'], headers['x-correlation-id']];
  };
  const first = await given('/fhir/$process-message', '{}');
  expect(first).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect(await given('/fhir/$process-message', '{}')).toEqual(first);
  expect(await given('/fhir/$process-message', '{ }')).not.toEqual(first);
  expect(await given('/v1/messages', '{}')).toEqual([undefined, undefined]);
});

it('asks for a new token once when the hub does not know the old one', async () => {
  statuses = [401, 202];
  expect(await open().post('/v1/messages', 'application/json', '{}')).toMatchObject({ status: 202 });
  expect(seen.map(({ headers }) => headers['authorization']).slice(1)).toEqual([
    'Bearer t1',
    expect.stringContaining('Basic'),
    'Bearer t3',
  ]);
  statuses = [401, 401];
  expect(await open().post('/v1/messages', 'application/json', '{}')).toMatchObject({ status: 401 });
});

it('throws when nobody answers', async () => {
  await expect(
    httpDoor('http://127.0.0.1:9', { clientId: 'c', clientSecret: 's' }).post('/v1/messages', 'a/b', ''),
  ).rejects.toThrow();
});

it.each([
  [200, 'taken'],
  [202, 'taken'],
  [403, 'refused'],
  [409, 'refused'],
  [422, 'refused'],
  [401, 'later'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
  [302, 'later'],
])('%i means %s', (status, verdict) => {
  expect(verdictOf({ status })).toBe(verdict);
});

it("409 with FHIR's word for a duplicate means taken", () => {
  const body = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ code: 'duplicate' }] });
  expect(verdictOf({ status: 409, body })).toBe('taken');
});
