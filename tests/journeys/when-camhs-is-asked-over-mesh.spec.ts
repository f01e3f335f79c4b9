import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Envelope } from '#contracts';
import { openMailbox, type MeshArrival, type MeshMailbox } from '#channels/mesh.js';
import { fromBundle, toBundle } from '#fhir';
import { startMeshServer, type MeshServer } from '../../apps/simulators/src/mesh-server.js';
import { aRiskAlert, aStepDecision, aStepDown, aStepUpToNelft, type Message } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { accessTo, MESH, meshSandboxForTests } from '../support/mesh-sandbox.js';
import { stationsOf, untilStates, untilStation, type Followed } from '../support/party.js';

jest.setTimeout(60_000);
const sandbox = await meshSandboxForTests();
const MAILBOXES = Object.fromEntries(
  [MESH.ours, MESH.theirs, MESH.stranger].map((id) => [id, MESH.password]),
);
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

/** A hub that reaches CAMHS at an exchange, and CAMHS' own mailbox there. */
interface Stage {
  hub: HubUnderTest;
  camhs: MeshMailbox;
  /** Waits for a message of the hub's, by workflow and what it is called, and takes it out of CAMHS' mailbox. */
  fetch(workflow: string, localId: string): Promise<MeshArrival>;
  /** Leaves something for the hub under a name of CAMHS' own. */
  leave(message: Message | string, localId?: string): Promise<string>;
  /** CAMHS answers for a copy. */
  answer(deliveryId: string, body?: object): Promise<string>;
  stop(): Promise<void>;
}

async function stageAt(url: string): Promise<Stage> {
  const hub = await startHubUnderTest({
    wire: 'local',
    endpoints: { camhs: { url } },
    credentials: {
      camhs: {
        mesh: {
          mailbox: MESH.ours,
          peerMailbox: MESH.theirs,
          password: MESH.password,
          sharedKey: MESH.sharedKey,
        },
      },
    },
  });
  const camhs = openMailbox(accessTo(url, MESH.theirs));
  const send = async (workflow: string, localId: string, body: string): Promise<string> => {
    const contentType = 'application/fhir+json';
    const message = { to: MESH.ours, workflow, localId, contentType, body: Buffer.from(body) };
    return (await camhs.send(message, soon())).evidence?.reference ?? '';
  };
  return {
    hub,
    camhs,
    fetch: (workflow, localId) =>
      eventually(
        async () => {
          for (const id of (await camhs.list(soon())).ids) {
            const arrival = await camhs.read(id, soon());
            if (arrival?.workflow !== workflow || arrival.localId !== localId) continue;
            await camhs.acknowledge(id, soon());
            return arrival;
          }
          throw new Error(`Nothing of ${workflow} named ${localId} lies in CAMHS' mailbox.`);
        },
        { within: 15_000 },
      ),
    leave: (message, localId = randomUUID()) =>
      send(
        'MTA_REFERRAL',
        localId,
        typeof message === 'string' ? message : JSON.stringify(toBundle(message)),
      ),
    answer: (deliveryId, body = TAKEN) => send('MTA_REFERRAL_ACK', deliveryId, JSON.stringify(body)),
    stop: async () => {
      await hub.stop();
      await camhs.close();
    },
  };
}

const aStepUpToCamhs = (): Message => aStepUpToNelft({ data: { to: 'specialist-camhs' } });
const deliveryTo = ({ deliveries }: Pick<Followed, 'deliveries'>): string =>
  deliveries.find(({ partner }) => partner === 'camhs')?.deliveryId ?? '';
const TAKEN = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational' }],
};
const ERROR = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'business-rule' }] };

/** What the hub knows of a message of CAMHS' own. */
const sentBy = ({ hub }: Stage, id: string): Promise<Followed> =>
  eventually(() => hub.as('camhs').get<Followed>(`/v1/messages?source=/partners/camhs&id=${id}`), {
    within: 15_000,
  });

/** A step-up that lies in CAMHS' mailbox. */
async function stepUp(stage: Stage): Promise<{ messageId: string; caseRef: string; deliveryId: string }> {
  const { messageId, caseRef } = await stage.hub.as('nkm').send(aStepUpToCamhs());
  const handedOver = await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'handed-over' });
  return { messageId, caseRef: caseRef ?? '', deliveryId: deliveryTo(handedOver) };
}

const EXCHANGES: { name: string; start?: () => Promise<{ url: string; stop(): Promise<void> }> }[] = [
  {
    name: 'our own',
    start: async () => {
      const own = await startMeshServer({ sharedKey: MESH.sharedKey, mailboxes: MAILBOXES });
      return { url: own.url, stop: own.close };
    },
  },
  { name: 'mesh-sandbox', ...(sandbox && { start: () => sandbox.start() }) },
];

describe.each(EXCHANGES)('when CAMHS is asked over MESH ($name)', ({ start }) => {
  const test = start ? it : it.skip;
  let exchange: { url: string; stop(): Promise<void> };
  let stage: Stage;
  beforeAll(async () => {
    if (!start) return;
    exchange = await start();
    stage = await stageAt(exchange.url);
  });
  afterAll(async () => {
    await stage?.stop();
    await exchange?.stop();
  });

  test('it finds the step-up in its mailbox, answers that it has it, and decides by a message', async () => {
    const { hub } = stage;
    const { messageId, caseRef, deliveryId } = await stepUp(stage);
    const copy = await stage.fetch('MTA_REFERRAL', deliveryId);
    const { envelope } = fromBundle(JSON.parse(String(copy.body))) as { envelope: Envelope };
    expect(envelope).toMatchObject({ type: 'mta.step-up.requested.v1', id: messageId, caseref: caseRef });
    expect(JSON.stringify({ ...copy, body: '' })).not.toMatch(/Ashley|9990000026|MTA-/);
    expect(stationsOf(await hub.as('nkm').follow(messageId))).toContain('delivery.handed-over');

    await stage.answer(deliveryId);
    await untilStates(hub.as('nkm'), messageId, { camhs: 'acknowledged' });

    const decision = aStepDecision({ from: 'camhs', to: messageId, caseref: caseRef });
    await stage.leave(decision, 'decision-1');
    const answer = await stage.fetch('MTA_REFERRAL_ACK', 'decision-1');
    expect(JSON.parse(String(answer.body))).toMatchObject({
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'MessageHeader', response: { code: 'ok' } } }, expect.anything()],
    });
    await untilStation(hub.as('nkm'), messageId, 'origin.informed');
    expect(await hub.as('ops').get(`/v1/cases/${caseRef}`)).toMatchObject({
      owner: 'specialist-camhs',
      ownerPartner: 'camhs',
    });
    expect((await sentBy(stage, decision.id)).causationId).toBe(messageId);
  });

  test('it steps a child down, and the same message again opens nothing new', async () => {
    const stepDown = { ...aStepDown(), source: '/partners/camhs' };
    await stage.leave(stepDown, 'down-1');
    await stage.fetch('MTA_REFERRAL_ACK', 'down-1');
    await stage.leave(stepDown, 'down-2');
    expect(String((await stage.fetch('MTA_REFERRAL_ACK', 'down-2')).body)).toContain('duplicate');
    const sent = await sentBy(stage, stepDown.id);
    await untilStates(stage.hub.as('camhs'), sent.messageId, { nkm: 'acknowledged' });
    const cases = await stage.hub.db.query('select from message where external_id = $1', [stepDown.id]);
    expect(cases.rowCount).toBe(1);
  });

  test('it hears in its answer what the message had no place for', async () => {
    const bundle = toBundle({ ...aStepDown(), source: '/partners/camhs' });
    bundle.total = 13;
    await stage.leave(JSON.stringify(bundle), 'more-1');
    const answer = JSON.parse(
      String((await stage.fetch('MTA_REFERRAL_ACK', 'more-1')).body),
    ) as typeof bundle;
    expect(answer.entry?.map(({ resource }) => resource)).toContainEqual(
      expect.objectContaining({
        resourceType: 'OperationOutcome',
        issue: [expect.objectContaining({ severity: 'warning', expression: ['Bundle.total'] })],
      }),
    );
  });
});

describe('when something goes wrong on the way to CAMHS or back', () => {
  let mesh: MeshServer;
  let stage: Stage;
  beforeAll(async () => {
    mesh = await startMeshServer({ sharedKey: MESH.sharedKey, mailboxes: MAILBOXES });
    stage = await stageAt(mesh.url);
  });
  afterAll(async () => {
    await stage?.stop();
    await mesh?.close();
  });
  const untilParked = (messageId: string, code: string): Promise<void> =>
    eventually(async () => {
      const { deliveries } = await stage.hub.as('nkm').follow(messageId);
      expect(deliveries.find(({ partner }) => partner === 'camhs')).toMatchObject({ state: 'parked', code });
    });
  const alertsOf = async (id: string): Promise<{ severity: string; kind: string; text: string }[]> => {
    const { rows } = await stage.hub.db.query<{ severity: string; kind: string; text: string }>(
      'select severity, kind, text from alert where delivery_id::text = $1 or key like $2 order by at',
      [id, `%${id}%`],
    );
    return rows;
  };
  const meshIdOf = (deliveryId: string): string =>
    mesh.messages.findLast(({ headers }) => headers['mex-localid'] === deliveryId)?.id ?? '';
  const stateOf = (meshId: string): string | undefined =>
    mesh.messages.find(({ id }) => id === meshId)?.state;
  const replay = (deliveryId: string): Promise<{ code: number }> =>
    stage.hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'CAMHS fetches again');

  it('a person is told when no answer comes, and the answer still ends it', async () => {
    const { messageId, deliveryId } = await stepUp(stage);
    await stage.hub.passTime('5 days');
    await untilParked(messageId, 'partner-unavailable/not-acknowledged');
    await stage.answer(deliveryId);
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'acknowledged' });
  });

  it('a copy that MESH gives back is parked; what MESH says of an earlier copy is no news', async () => {
    const { messageId, deliveryId } = await stepUp(stage);
    const linkedId = meshIdOf(deliveryId);
    const about = { workflow: 'MTA_REFERRAL', localId: deliveryId, linkedId };
    mesh.report(MESH.ours, about);
    await untilParked(messageId, 'partner-unavailable/undelivered');
    expect(await alertsOf(deliveryId)).toMatchObject([{ severity: 'warning', kind: 'delivery.parked' }]);
    await replay(deliveryId);
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'handed-over' });
    expect(meshIdOf(deliveryId)).not.toBe(linkedId);
    const late = mesh.report(MESH.ours, about);
    await eventually(() => expect(stateOf(late)).toBe('acknowledged'));
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'handed-over' });
    await stage.answer(deliveryId);
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'acknowledged' });
  });

  it('a copy that CAMHS cannot take is parked with whoever sent it', async () => {
    const { messageId, deliveryId } = await stepUp(stage);
    await stage.answer(deliveryId, ERROR);
    await untilParked(messageId, 'partner-refused/refused');
  });

  it('a send of which nobody knows the end waits for a person, and is settled by the answer', async () => {
    mesh.respond(({ method, path }) => (method === 'POST' && path === '/outbox' ? 'lose' : undefined));
    const { messageId } = await stage.hub.as('nkm').send(aStepUpToCamhs());
    await untilParked(messageId, 'uncertain/maybe-arrived');
    mesh.respond(() => undefined);
    await stage.answer(deliveryTo(await stage.hub.as('nkm').follow(messageId)));
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'acknowledged' });
  });

  it('a mailbox that nobody has is a refusal, a wrong password closes the gate', async () => {
    const outbox = { status: 417, body: '{"detail":[{"event":"SEND","code":"12","msg":"Unregistered"}]}' };
    mesh.respond(({ path }) => (path === '/outbox' ? outbox : undefined));
    const { messageId } = await stage.hub.as('nkm').send(aStepUpToCamhs());
    await untilParked(messageId, 'partner-refused/refused');
    mesh.respond(({ path }) => (path === '/outbox' ? { status: 403 } : undefined));
    const second = await stage.hub.as('nkm').send(aStepUpToCamhs());
    await eventually(async () => {
      const { out } = await stage.hub.cli('partners', 'list', '--json');
      expect(out).toMatch(/"closed"/);
    });
    mesh.respond(() => undefined);
    await stage.hub.cli('partners', 'resume', 'camhs');
    await untilStates(stage.hub.as('nkm'), second.messageId, { camhs: 'handed-over' });
  });

  it('an urgent copy that came back tells a person at once', async () => {
    const { messageId, caseRef, deliveryId } = await stepUp(stage);
    await stage.answer(deliveryId);
    await stage.leave(aStepDecision({ from: 'camhs', to: messageId, caseref: caseRef }));
    await untilStation(stage.hub.as('nkm'), messageId, 'origin.informed');
    const raised = { ...aRiskAlert(), source: '/partners/nkm', caseref: caseRef };
    const alert = await stage.hub.as('nkm').send(raised);
    const risk = await eventually(async () => {
      const { rows } = await stage.hub.db.query<{ id: string }>(
        `select delivery_id as id from delivery where message_id = $1 and partner = 'camhs' and state = 'handed-over'`,
        [alert.messageId],
      );
      expect(rows).toHaveLength(1);
      return rows[0]?.id ?? '';
    });
    mesh.report(MESH.ours, { workflow: 'MTA_REFERRAL', localId: risk, linkedId: meshIdOf(risk) });
    await eventually(async () =>
      expect(await alertsOf(risk)).toContainEqual(
        expect.objectContaining({ severity: 'urgent', text: expect.stringContaining('Telephone now') }),
      ),
    );
  });

  it('an urgent copy of which nobody knows goes again, until the answer comes', async () => {
    const { messageId, caseRef, deliveryId } = await stepUp(stage);
    await stage.answer(deliveryId);
    await stage.leave(aStepDecision({ from: 'camhs', to: messageId, caseref: caseRef }));
    await untilStation(stage.hub.as('nkm'), messageId, 'origin.informed');
    mesh.respond(({ method, path }) => (method === 'POST' && path === '/outbox' ? 'lose' : undefined));
    const raised = { ...aRiskAlert(), source: '/partners/nkm', caseref: caseRef };
    const alert = await stage.hub.as('nkm').send(raised);
    const risk = alert.deliveries.find(({ partner }) => partner === 'camhs')?.id ?? '';
    const copies = (): number =>
      mesh.messages.filter(({ headers }) => headers['mex-localid'] === risk).length;
    await eventually(() => expect(copies()).toBeGreaterThan(2), { within: 20_000 });
    await stage.answer(risk);
    const followed = await eventually(async () => {
      const found = await stage.hub.as('ops').follow(alert.messageId);
      expect(found.deliveries.find(({ deliveryId: id }) => id === risk)?.state).toBe('acknowledged');
      return found;
    });
    expect(stationsOf(followed)).toContain('delivery.retrying');
    mesh.respond(() => undefined);
  });

  it('a message of which a chunk is missing is not half read, and holds up nothing', async () => {
    const half = await stage.leave(aStepDown());
    const stored = mesh.messages.find(({ id }) => id === half);
    stored?.chunks.push(undefined);
    const whole = { ...aStepDown(), source: '/partners/camhs' };
    await stage.leave(whole, 'whole');
    await stage.fetch('MTA_REFERRAL_ACK', 'whole');
    expect(stateOf(half)).toBe('accepted');
    await eventually(async () =>
      expect(await alertsOf(half)).toMatchObject([
        {
          severity: 'warning',
          kind: 'pickup.left',
          text: expect.stringContaining('a part of it has not come'),
        },
      ]),
    );
  });

  it('XML where JSON is due is answered on the same channel, and nothing of it is repeated', async () => {
    await stage.leave('<Bundle><name>Robin Example</name></Bundle>', 'xml-1');
    const { body } = await stage.fetch('MTA_REFERRAL_ACK', 'xml-1');
    expect(JSON.parse(String(body))).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'not-supported' }, expect.anything()],
    });
    expect(String(body)).not.toContain('Robin');
    expect(String(body)).toContain('telephone');
  });

  it('a message from another mailbox is not taken for CAMHS’', async () => {
    const stranger = openMailbox(accessTo(mesh.url, MESH.stranger));
    const message = { ...aStepDown(), source: '/partners/camhs' };
    const outcome = await stranger.send(
      {
        to: MESH.ours,
        workflow: 'MTA_REFERRAL',
        localId: 'x',
        contentType: 'application/fhir+json',
        body: Buffer.from(JSON.stringify(toBundle(message as Envelope))),
      },
      soon(),
    );
    await stranger.close();
    const id = outcome.evidence?.reference ?? '';
    await eventually(async () => expect(await alertsOf(id)).toMatchObject([{ kind: 'pickup.left' }]));
    expect(stateOf(id)).toBe('accepted');
    const taken = await stage.hub.db.query('select from message where external_id = $1', [message.id]);
    expect(taken.rowCount).toBe(0);
  });

  it('nobody’s word counts for another’s delivery', async () => {
    const { messageId, deliveryId } = await stepUp(stage);
    const path = `/v1/inbox/${deliveryId}/refuse`;
    const said = { complaint: 'undelivered' };
    expect((await stage.hub.as('salus').request('POST', path, said)).status).toBe(404);
    expect((await stage.hub.as('camhs').request('POST', path, { complaint: 'no' })).status).toBe(400);
    await untilStates(stage.hub.as('nkm'), messageId, { camhs: 'handed-over' });
  });

  it('leaves a ledger that holds together, and no name in the log', async () => {
    // The tests before have moved the clock; what has become due by it is looked at within seconds.
    await eventually(async () => expect(await stage.hub.cli('check')).toMatchObject({ code: 0, err: '' }), {
      within: 15_000,
    });
    expect(stage.hub.log.join('\n')).not.toMatch(/Ashley|9990000026/);
  });
});
