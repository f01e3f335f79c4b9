import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openMailbox, type MeshMailbox, type MeshMessage } from '#channels/mesh.js';
import { startMeshServer, type MeshServer } from '../../../simulators/src/mesh-server.js';
import type { Door, DoorAnswer, Pickup } from '../pickup.js';
import { camhsPickup } from './pickup.js';

const PASSWORD = 'p';
const KEY = 'k';
let mesh: MeshServer;
let pickup: Pickup;
let camhs: MeshMailbox;
let stranger: MeshMailbox;
let posts: { path: string; type: string; body: string; headers: Record<string, string> }[];
let answers: (Partial<DoorAnswer> | Error)[];

/** Answers what it is told to, and 200 when it is told nothing more. */
const door: Door = {
  post: async (path, type, body, headers = {}) => {
    posts.push({ path, type, body: body.toString(), headers });
    const answer = answers.shift() ?? {};
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: '{"resourceType":"OperationOutcome","issue":[]}', ...answer };
  },
};
const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const look = (): Promise<number> => pickup.collect(door, soon());

beforeEach(async () => {
  posts = [];
  answers = [];
  mesh = await startMeshServer({
    sharedKey: KEY,
    mailboxes: { HUB: PASSWORD, CAMHS01: PASSWORD, OTHER: PASSWORD },
  });
  const access = { url: mesh.url, password: PASSWORD, sharedKey: KEY };
  pickup = camhsPickup('camhs', mesh.url, { ...access, mailbox: 'HUB', peer: 'CAMHS01' });
  camhs = openMailbox({ ...access, mailbox: 'CAMHS01' });
  stranger = openMailbox({ ...access, mailbox: 'OTHER' });
});
afterEach(async () => {
  await Promise.all([pickup.close(), camhs.close(), stranger.close()]);
  await mesh.close();
});

async function leave(more: Partial<MeshMessage> = {}, from = camhs): Promise<string> {
  const message = { to: 'HUB', workflow: 'MTA_REFERRAL', localId: 'theirs-1', contentType: 'a/b' };
  const outcome = await from.send({ ...message, body: Buffer.from('{"a":1}'), ...more }, soon());
  return outcome.evidence?.reference ?? '';
}
const stateOf = (id: string): string | undefined => mesh.messages.find((one) => one.id === id)?.state;
const OK = Buffer.from('{"resourceType":"OperationOutcome","issue":[{"severity":"information"}]}');
const acks = (): { localId: string | undefined; body: string }[] =>
  mesh.messages
    .filter(({ to }) => to === 'CAMHS01')
    .map(({ headers, chunks }) => ({ localId: headers['mex-localid'], body: String(chunks[0]) }));

it('says once a day that the mailbox is in use, before it looks', async () => {
  await look();
  await look();
  expect(mesh.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST ',
    'GET /inbox',
    'GET /inbox',
  ]);
});

it('hands a message to the FHIR door, answers it, and only then takes it out', async () => {
  const id = await leave();
  let before: unknown;
  mesh.respond(({ path }) => {
    if (path.endsWith('/acknowledged')) before = { posts: posts.length, acks: acks().length };
    return undefined;
  });
  expect(await look()).toBe(1);
  expect(posts).toEqual([
    {
      path: '/fhir/$process-message',
      type: 'application/fhir+json',
      body: '{"a":1}',
      headers: {},
    },
  ]);
  expect(before).toEqual({ posts: 1, acks: 1 });
  expect(acks()).toEqual([{ localId: 'theirs-1', body: expect.stringContaining('OperationOutcome') }]);
  expect(stateOf(id)).toBe('acknowledged');
});

it('sends a refusal back as it is', async () => {
  const id = await leave({ body: Buffer.from('<Bundle/>') });
  answers = [{ status: 415, body: '{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}' }];
  expect(await look()).toBe(1);
  expect(posts[0]?.type).toBe('application/fhir+xml');
  expect(acks()[0]?.body).toContain('"error"');
  expect(stateOf(id)).toBe('acknowledged');
});

it.each<[string, Partial<DoorAnswer> | Error]>([
  ['answers 503', { status: 503 }],
  ['does not know our token', { status: 401 }],
  ['is not there', new Error('fetch failed')],
])('leaves everything where it is while the hub %s', async (_name, answer) => {
  const id = await leave();
  answers = [answer];
  await expect(look()).rejects.toThrow();
  expect(stateOf(id)).toBe('accepted');
  expect(acks()).toEqual([]);
  expect(await look()).toBe(1);
  expect(stateOf(id)).toBe('acknowledged');
});

it.each(['/outbox', '/acknowledged'])('hands in again what died at %s', async (end) => {
  const id = await leave();
  mesh.respond(({ path }) => (path.endsWith(end) ? 'drop' : undefined));
  await expect(look()).rejects.toThrow();
  expect(stateOf(id)).toBe('accepted');
  mesh.respond(() => undefined);
  expect(await look()).toBe(1);
  expect(posts.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
});

it('holds up nothing behind one that fails, and tells a person when it goes on failing', async () => {
  const failing = await leave({ localId: 'first' });
  const next = await leave({ localId: 'second' });
  for (let looks = 1; looks <= 7; looks += 1) {
    answers = [{ status: 500 }];
    await expect(look()).rejects.toThrow('500');
  }
  expect([stateOf(failing), stateOf(next)]).toEqual(['accepted', 'acknowledged']);
  expect(posts.filter(({ path }) => path === '/v1/pickups/left').map(({ body }) => body)).toEqual([
    JSON.stringify({ reference: failing, why: 'failing' }),
  ]);
});

it('ends the look when everything fails', async () => {
  for (let no = 0; no < 5; no += 1) await leave();
  answers = Array.from({ length: 5 }, () => ({ status: 503 }));
  await expect(look()).rejects.toThrow('503');
  expect(posts).toHaveLength(3);
});

it('never reads a part for the whole: it waits, and then a person is told, once', async () => {
  const id = await leave();
  const whole = mesh.messages[0]?.chunks as (Buffer | undefined)[];
  whole.push(undefined);
  const next = await leave();
  for (let looks = 1; looks <= 8; looks += 1) await look();
  expect([stateOf(id), stateOf(next)]).toEqual(['accepted', 'acknowledged']);
  expect(posts.map(({ path, body }) => [path, body])).toEqual([
    ['/fhir/$process-message', '{"a":1}'],
    ['/v1/pickups/left', JSON.stringify({ reference: id, why: 'incomplete' })],
  ]);
  whole[1] = Buffer.from('!');
  expect(await look()).toBe(1);
  expect(posts.at(-1)?.body).toBe('{"a":1}!');
});

it('takes nothing from another mailbox nor of another kind, and says so until somebody hears it', async () => {
  const ids = [await leave({}, stranger), await leave({ workflow: 'OTHER_KIND' })];
  answers = [{ status: 503 }, { status: 503 }];
  for (let looks = 1; looks <= 3; looks += 1) expect(await look()).toBe(0);
  expect(ids.map(stateOf)).toEqual(['accepted', 'accepted']);
  expect(posts.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
    [0, 1, 0, 1].map((no) => ({ reference: ids[no], why: 'foreign' })),
  );
  expect(acks()).toEqual([]);
});

it('brings an answer to its delivery, and answers none', async () => {
  const ack = { workflow: 'MTA_REFERRAL_ACK', localId: 'd1' };
  await leave({ ...ack, body: OK });
  await leave({
    ...ack,
    body: Buffer.from('{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}'),
  });
  const unreadable = await leave({ ...ack, body: Buffer.from('<no/>') });
  expect(await look()).toBe(2);
  expect(posts.map(({ path, body }) => [path, body])).toEqual([
    ['/v1/inbox/d1/acknowledge', '{}'],
    ['/v1/inbox/d1/refuse', '{"complaint":"refused"}'],
    ['/v1/pickups/left', JSON.stringify({ reference: unreadable, why: 'unreadable' })],
  ]);
  expect(acks()).toEqual([]);
});

it('tells a person of an answer about what is no delivery of that partner, and then lets it go', async () => {
  const id = await leave({ workflow: 'MTA_REFERRAL_ACK', localId: '../x', body: OK });
  answers = [{ status: 404 }, { status: 503 }];
  await expect(look()).rejects.toThrow('503');
  expect(stateOf(id)).toBe('accepted');
  answers = [{ status: 404 }];
  expect(await look()).toBe(1);
  expect(posts.map(({ path }) => path)).toEqual([
    '/v1/inbox/..%2Fx/acknowledge',
    '/v1/pickups/left',
    '/v1/inbox/..%2Fx/acknowledge',
    '/v1/pickups/left',
  ]);
  expect(posts.at(-1)?.body).toBe(JSON.stringify({ reference: id, why: 'unknown' }));
  expect(stateOf(id)).toBe('acknowledged');
});

it('believes no report but the exchange’s own', async () => {
  const forged = await leave({ workflow: 'MTA_REFERRAL', localId: 'd1' }, stranger);
  const theirs = await leave({ workflow: 'MTA_REFERRAL', localId: 'd2' });
  for (const id of [forged, theirs]) {
    const message = mesh.messages.find((one) => one.id === id);
    Object.assign(message?.headers ?? {}, { 'mex-messagetype': 'REPORT', 'mex-linkedmsgid': 'M1' });
  }
  expect(await look()).toBe(0);
  expect(posts.map(({ path, body }) => [path, JSON.parse(body) as unknown])).toEqual(
    [forged, theirs].map((reference) => ['/v1/pickups/left', { reference, why: 'foreign' }]),
  );
  mesh.report('HUB', { workflow: 'MTA_REFERRAL', localId: 'of-another', linkedId: 'M1' });
  answers = [{ status: 404 }];
  expect(await look()).toBe(1);
  expect(posts.at(-1)?.body).toContain('"why":"unknown"');
});

it('tells of a report, again while another copy is under way', async () => {
  const id = mesh.report('HUB', { workflow: 'MTA_REFERRAL', localId: 'd1', linkedId: 'M1' });
  answers = [{ status: 409 }];
  await expect(look()).rejects.toThrow('409');
  expect(stateOf(id)).toBe('accepted');
  expect(await look()).toBe(1);
  expect(posts.at(-1)).toMatchObject({
    path: '/v1/inbox/d1/refuse',
    body: '{"complaint":"undelivered","reference":"M1"}',
  });
  mesh.report('HUB', { workflow: 'MTA_REFERRAL_ACK', localId: 'theirs-1', linkedId: 'M2' });
  expect(await look()).toBe(1);
  expect(posts).toHaveLength(2);
});
