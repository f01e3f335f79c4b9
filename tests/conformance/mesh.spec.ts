import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { loadAlliance, type Partner, type Work } from '#contracts';
import {
  openMailbox,
  type MeshAccess,
  type MeshArrival,
  type MeshMailbox,
  type MeshMessage,
} from '#channels/mesh.js';
import { fromBundle } from '#fhir';
import type { Adapter } from '../../apps/adapters/src/adapter.js';
import { createAdapters } from '../../apps/adapters/src/adapters.js';
import {
  startMeshServer,
  type MeshFault,
  type MeshServer,
  type MeshStored,
} from '../../apps/simulators/src/mesh-server.js';
import { startSimulator, type Simulator } from '../../apps/simulators/src/simulator.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { accessTo, MESH, meshSandboxForTests } from '../support/mesh-sandbox.js';

const sandbox = await meshSandboxForTests();
const MAILBOXES = Object.fromEntries(
  [MESH.ours, MESH.theirs, MESH.stranger].map((id) => [id, MESH.password]),
);
const ownServer = async (): Promise<MeshServer> =>
  startMeshServer({ port: await freePort(), sharedKey: MESH.sharedKey, mailboxes: MAILBOXES });

let own: MeshServer | undefined;
/** Our own exchange, and NHS England's: what one of them takes for MESH, the other must. */
const EXCHANGES: { name: string; start?: () => Promise<{ url: string; stop(): Promise<void> }> }[] = [
  {
    name: 'our own',
    start: async () => {
      own = await ownServer();
      return { url: own.url, stop: own.close };
    },
  },
  { name: 'mesh-sandbox', ...(sandbox && { start: () => sandbox.start() }) },
];

const open: MeshMailbox[] = [];
const mailbox = (url: string, id: string, more: Partial<MeshAccess> = {}): MeshMailbox => {
  const opened = openMailbox(accessTo(url, id, more));
  open.push(opened);
  return opened;
};
afterEach(async () => void (await Promise.all(open.splice(0).map((one) => one.close()))));
jest.setTimeout(40_000);

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const aMessage = (more: Partial<MeshMessage> = {}): MeshMessage => ({
  to: MESH.theirs,
  workflow: 'MTA_REFERRAL',
  localId: randomUUID(),
  contentType: 'application/fhir+json',
  body: Buffer.from('{"resourceType":"Bundle","type":"message"}'),
  ...more,
});

describe.each(EXCHANGES)('a mailbox at $name', ({ start }) => {
  const test = start ? it : it.skip;
  let exchange: { url: string; stop(): Promise<void> };
  beforeAll(async () => {
    if (start) exchange = await start();
  });
  afterAll(() => exchange?.stop());
  const ours = (more?: Partial<MeshAccess>): MeshMailbox => mailbox(exchange.url, MESH.ours, more);
  const theirs = (): MeshMailbox => mailbox(exchange.url, MESH.theirs);

  test('carries a message whole, and lets it go when it is acknowledged', async () => {
    const [sender, receiver] = [ours(), theirs()];
    await sender.handshake(soon());
    const message = aMessage();
    const outcome = await sender.send(message, soon());
    expect(outcome).toMatchObject({ class: 'handed-over', arrived: 'yes', code: 'handed-over' });
    const id = outcome.evidence?.reference ?? '';
    expect((await receiver.list(soon())).ids).toContain(id);
    expect(await receiver.read(id, soon())).toEqual({
      id,
      kind: 'DATA',
      from: MESH.ours,
      workflow: 'MTA_REFERRAL',
      localId: message.localId,
      linkedId: '',
      statusCode: expect.any(String),
      contentType: 'application/fhir+json',
      body: message.body,
    });
    expect(await sender.track(id, soon())).toBe('accepted');
    expect((await receiver.list(soon())).ids).toContain(id);
    await receiver.acknowledge(id, soon());
    expect((await receiver.list(soon())).ids).not.toContain(id);
    expect(await sender.track(id, soon())).toBe('acknowledged');
  });

  test('carries a long one in chunks, and shows nothing of it before the last', async () => {
    const body = Buffer.from('a body that needs four chunks of ten');
    const outcome = await ours({ chunkBytes: 10 }).send(aMessage({ body }), soon());
    const [receiver, id] = [theirs(), outcome.evidence?.reference ?? ''];
    expect(await receiver.read(id, soon())).toMatchObject({ body, contentType: 'application/fhir+json' });
    await receiver.acknowledge(id, soon());
    const headers = { ...signedFor(MESH.ours), 'mex-to': MESH.theirs, 'mex-workflowid': 'W' };
    const half = await fetch(`${exchange.url}/messageexchange/${MESH.ours}/outbox`, {
      method: 'POST',
      headers: { ...headers, 'mex-chunk-range': '1:2', 'content-type': 'application/octet-stream' },
      body: 'half',
    });
    expect(half.status).toBe(202);
    expect((await receiver.list(soon())).ids).toEqual([]);
  });

  test('refuses a mailbox that nobody has, an empty message and a wrong password', async () => {
    expect(await ours().send(aMessage({ to: 'NOBODY' }), soon())).toMatchObject({
      class: 'refused-permanent',
      arrived: 'no',
      code: 'refused',
      evidence: { status: 417 },
    });
    expect(await ours().send(aMessage({ body: Buffer.alloc(0) }), soon())).toMatchObject({ code: 'refused' });
    const wrong = ours({ password: 'wrong' });
    expect(await wrong.send(aMessage(), soon())).toMatchObject({ class: 'refused-auth', arrived: 'no' });
    await expect(wrong.list(soon())).rejects.toMatchObject({ name: 'MeshRefused', code: '403' });
    await expect(wrong.handshake(soon())).rejects.toMatchObject({ code: '403' });
  });

  test('tells of what was never fetched by a report', async () => {
    const sender = ours();
    const message = aMessage();
    const linkedId = (await sender.send(message, soon())).evidence?.reference ?? '';
    await report(exchange.url, { localId: message.localId, linkedId });
    const { ids } = await sender.list(soon());
    expect(await sender.read(ids.at(-1) ?? '', soon())).toMatchObject({
      kind: 'REPORT',
      workflow: 'MTA_REFERRAL',
      localId: message.localId,
      linkedId,
      statusCode: '14',
    });
  });
});

describe('what the sandbox leaves open', () => {
  let mesh: MeshServer;
  beforeEach(async () => void (mesh = await ownServer()));
  afterEach(() => mesh.close());
  const inbox = (headers: Record<string, string>): Promise<number> =>
    fetch(`${mesh.url}/messageexchange/${MESH.ours}/inbox`, { headers }).then(({ status }) => status);

  it('takes a token once, and for two hours', async () => {
    const token = signedFor(MESH.ours);
    expect(await inbox(token)).toBe(200);
    expect(await inbox(token)).toBe(403);
    expect(await inbox(signedFor(MESH.ours, { at: new Date(Date.now() - 2.1 * 3_600_000) }))).toBe(403);
    expect(await inbox(signedFor(MESH.theirs))).toBe(403);
  });

  it('a mailbox makes a new token for every call, also for many at once', async () => {
    const ours = mailbox(mesh.url, MESH.ours);
    const lists = await Promise.all(Array.from({ length: 20 }, () => ours.list(soon())));
    expect(lists).toHaveLength(20);
  });

  it('what was acknowledged is there no more', async () => {
    const ours = mailbox(mesh.url, MESH.ours);
    const { evidence } = await ours.send(aMessage({ to: MESH.ours }), soon());
    const id = evidence?.reference ?? '';
    await ours.acknowledge(id, soon());
    expect(await ours.read(id, soon())).toBeUndefined();
  });

  it.each<[string, MeshFault, object]>([
    ['a lost answer', 'lose', { class: 'refused-transient', arrived: 'maybe', code: 'reset' }],
    ['a failure', { status: 500 }, { class: 'refused-transient', arrived: 'maybe', code: 'server-error' }],
    ['an answer without an id', { status: 202, body: '{}' }, { arrived: 'maybe', code: 'no-evidence' }],
    ['an id that is none', { status: 202, body: '{"message_id":"../x"}' }, { code: 'no-evidence' }],
    ['a request to slow down', { status: 429 }, { arrived: 'no', code: 'rate-limited' }],
    ['an answer nobody knows', { status: 418 }, { class: 'defect', arrived: 'maybe', code: 'unmapped' }],
  ])('%s is judged by what may have arrived', async (_name, fault, expected) => {
    mesh.respond(() => fault);
    expect(await mailbox(mesh.url, MESH.ours).send(aMessage(), soon())).toMatchObject(expected);
    expect(mesh.calls).toHaveLength(1);
  });

  it('knows that nothing left when nobody listens', async () => {
    await mesh.down();
    const outcome = await mailbox(mesh.url, MESH.ours).send(aMessage(), soon());
    expect(outcome).toMatchObject({ arrived: 'no', code: 'connection-refused' });
  });

  it.each([
    ['before the last chunk nothing has arrived', '/outbox', 'no'],
    ['before the last chunk nothing has arrived', '/2', 'no'],
    ['of the last chunk nobody knows', '/3', 'maybe'],
  ])('%s (lost at %s)', async (_name, end, arrived) => {
    mesh.respond(({ path }) => (path.endsWith(end) ? 'lose' : undefined));
    const ours = mailbox(mesh.url, MESH.ours, { chunkBytes: 10 });
    const outcome = await ours.send(aMessage({ body: Buffer.alloc(30, 'x') }), soon());
    expect(outcome).toMatchObject({ class: 'refused-transient', arrived, code: 'reset' });
    const theirs = await mailbox(mesh.url, MESH.theirs).list(soon());
    expect(theirs.ids).toHaveLength(arrived === 'no' ? 0 : 1);
  });

  it('never takes a part for the whole', async () => {
    const body = Buffer.alloc(20, 'x');
    await mailbox(mesh.url, MESH.ours, { chunkBytes: 10 }).send(aMessage({ body }), soon());
    const stored = mesh.messages[0] as MeshStored;
    const theirs = mailbox(mesh.url, MESH.theirs);
    expect(await theirs.read(stored.id, soon())).toMatchObject({ body });
    stored.chunks[1] = undefined;
    expect(await theirs.read(stored.id, soon())).toMatchObject({ body: 'incomplete' });
  });

  it('unpacks what was packed, said or unsaid, and no more than it may', async () => {
    const [ours, theirs] = [mailbox(mesh.url, MESH.ours), mailbox(mesh.url, MESH.theirs)];
    await ours.send(aMessage({ body: gzipSync('{"packed":true}') }), soon());
    await ours.send(aMessage({ body: gzipSync(Buffer.alloc(5 * 1024 * 1024)) }), soon());
    await ours.send(aMessage({ body: Buffer.alloc(5 * 1024 * 1024, 'x') }), soon());
    const bodies = await Promise.all(
      mesh.messages.map(async ({ id }) => (await theirs.read(id, soon()))?.body),
    );
    expect(bodies).toEqual([Buffer.from('{"packed":true}'), 'too-large', 'too-large']);
  });

  it('says by no error what was sent or shown', async () => {
    mesh.respond(() => ({ status: 500, body: 'Robin Example' }));
    const ours = mailbox(mesh.url, MESH.ours);
    const error = await ours.acknowledge('20260401_ABC', soon()).catch((thrown: unknown) => thrown);
    expect(String(error)).toBe('MeshRefused: MESH answered 500 to /inbox/…/status/acknowledged.');
  });
});

describe('the adapter and the simulator of CAMHS', () => {
  const mesh = { mailbox: MESH.ours, peerMailbox: MESH.theirs, password: MESH.password, sharedKey: 'k' };
  let camhs: Simulator;
  let adapter: Adapter;
  let ours: MeshMailbox;

  beforeEach(async () => {
    const credentials = { clientId: 'x', clientSecret: 'x', mesh };
    const hubUrl = 'http://127.0.0.1:9';
    camhs = await startSimulator('camhs', { hubUrl, credentials, port: await freePort() });
    const partner = { id: 'camhs', channel: 'mesh', url: camhs.url, idempotent: false } as Partner;
    const { peerMailbox: peer, ...access } = mesh;
    [adapter] = createAdapters([partner], () => ({
      webhookSecrets: [],
      apiKey: undefined,
      mesh: { ...access, peer },
    })) as [Adapter];
    ours = mailbox(camhs.url, MESH.ours, { sharedKey: 'k' });
  });
  afterEach(() => Promise.all([adapter.close(), camhs.close()]));
  const answers = async (): Promise<(MeshArrival | undefined)[]> => {
    const { ids } = await ours.list(soon());
    return Promise.all(ids.map((id) => ours.read(id, soon())));
  };

  it('hand over a copy, and answer for it by its deliveryid', async () => {
    const work = aWork();
    const outcome = await adapter.attempt(work, soon());
    const [stored] = camhs.exchange?.messages ?? [];
    expect(outcome).toMatchObject({ class: 'handed-over', evidence: { status: 202, reference: stored?.id } });
    expect(stored?.headers).toEqual({
      'content-type': 'application/fhir+json',
      'mex-content-type': 'application/fhir+json',
      'mex-to': MESH.theirs,
      'mex-workflowid': 'MTA_REFERRAL',
      'mex-localid': work.deliveryId,
    });
    await eventually(async () =>
      expect(await answers()).toMatchObject([{ workflow: 'MTA_REFERRAL_ACK', localId: work.deliveryId }]),
    );
    expect(String((await answers())[0]?.body)).toContain('"information"');
  });

  it('cannot tell a repeat, and so is not declared to', async () => {
    const work = aWork();
    await adapter.attempt(work, soon());
    await adapter.attempt({ ...work, attempt: 2 }, soon());
    await eventually(() =>
      expect(camhs.received()).toMatchObject([{ deliveryid: work.deliveryId, count: 2, processed: 2 }]),
    );
    expect(loadAlliance().partners.find(({ id }) => id === 'camhs')?.idempotent).toBe(false);
  });

  it('refuse as they are told, and answer nothing when they are told to', async () => {
    await camhs.set({ refuse: true });
    await adapter.attempt(aWork(), soon());
    await eventually(async () => expect(String((await answers())[0]?.body)).toContain('"error"'));
    await camhs.set({ refuse: false, dropAnswerAfterProcessing: true });
    await adapter.attempt(aWork(), soon());
    await eventually(() => expect(camhs.received()).toHaveLength(1));
    await eventually(() => expect(camhs.exchange?.messages.at(-1)?.state).toBe('acknowledged'));
    expect(await answers()).toHaveLength(1);
    await camhs.set({ down: true });
    expect(await adapter.attempt(aWork(), soon())).toMatchObject({ code: 'connection-refused' });
  });

  it('send what CAMHS has to say, and wait until the hub has it', async () => {
    const sent = camhs.send(aWork().message);
    await eventually(async () => expect(await answers()).toHaveLength(1));
    const [message] = (await answers()) as [MeshArrival];
    expect(fromBundle(JSON.parse(String(message.body)))).toMatchObject({
      envelope: { source: '/partners/camhs', type: 'mta.step.decision.v1' },
    });
    const refusal = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}';
    const ack = { workflow: 'MTA_REFERRAL_ACK', localId: message.localId, body: Buffer.from(refusal) };
    await ours.send(aMessage(ack), soon());
    await expect(sent).rejects.toThrow('The hub refused it: invalid.');
  });
});

/** A step decision on its way to CAMHS. */
function aWork(): Work {
  const deliveryid = randomUUID();
  const data = {
    decision: 'accepted',
    decidedAt: '2026-04-01T09:00:00Z',
    decidedBy: 'team lead',
    ownerFrom: '2026-04-02',
  };
  const message = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/partners/camhs',
    type: 'mta.step.decision.v1',
    caseref: 'MTA-0000-0000-0',
    causationid: randomUUID(),
    deliveryid,
    data,
  };
  return { deliveryId: deliveryid, partner: 'camhs', attempt: 1, message } as unknown as Work;
}

/** The sandbox has a door for this; ours is told within the process. */
async function report(url: string, about: { localId: string; linkedId: string }): Promise<void> {
  if (own?.url === url) return void own.report(MESH.ours, { workflow: 'MTA_REFERRAL', ...about });
  const asked = await fetch(`${url}/messageexchange/admin/report`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      mailbox_id: MESH.ours,
      code: '14',
      description: 'Undelivered',
      workflow_id: 'MTA_REFERRAL',
      local_id: about.localId,
      linked_message_id: about.linkedId,
    }),
  });
  if (!asked.ok) throw new Error(`no report: HTTP ${asked.status}`);
}

/** A token as MESH describes it, made apart from the client. */
function signedFor(id: string, { nonce = randomUUID(), at = new Date() } = {}): { authorization: string } {
  const stamp = at.toISOString().replaceAll(/[-T:]/g, '').slice(0, 12);
  const mac = createHmac('sha256', MESH.sharedKey).update(`${id}:${nonce}:1:${MESH.password}:${stamp}`);
  return { authorization: `NHSMESH ${id}:${nonce}:1:${stamp}:${mac.digest('hex')}` };
}
