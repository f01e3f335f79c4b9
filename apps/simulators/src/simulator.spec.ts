import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import { fromBundle, toBundle } from '#fhir';
import { eventually } from '../../../tests/support/eventually.js';
import { startFakeHub, type FakeHub } from '../../../tests/support/fake-hub.js';
import { freePort } from '../../../tests/support/free-port.js';
import { createControl } from './control.js';
import { startSimulator, type Simulator, type SimulatorName } from './simulator.js';

const credentials = {
  clientId: 'me',
  clientSecret: 'a secret',
  apiKey: 'a-key',
  webhookSecret: 'whsec_c2VjcmV0',
};

let hub: FakeHub;
let running: Simulator[] = [];

beforeEach(async () => {
  hub = await startFakeHub();
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.close()));
  running = [];
  await hub.close();
});

const start = async (name: SimulatorName, knobs = {}): Promise<Simulator> => {
  const simulator = await startSimulator(name, {
    hubUrl: hub.url,
    credentials,
    knobs,
    port: await freePort(),
  });
  running.push(simulator);
  return simulator;
};

const aStepUp = (): DeliveredEnvelope => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/partners/ylf',
  type: 'mta.step-up.requested.v1',
  deliveryid: randomUUID(),
  caseref: 'MTA-0000-0000-0',
  data: { to: 'mentoring-intensive' },
});

const give = (simulator: Simulator, copy: DeliveredEnvelope, key = 'a-key'): Promise<Response> =>
  fetch(`${simulator.url}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(copy),
  });

describe('a simulator with an endpoint', () => {
  it('takes a copy, and answers it to the hub as a message of its own', async () => {
    const salus = await start('salus');
    const copy = aStepUp();
    const response = await give(salus, copy);
    expect(await response.json()).toEqual({ deliveryid: copy.deliveryid });
    await eventually(() => expect(hub.posted).toHaveLength(1));
    expect(hub.posted[0]).toMatchObject({
      path: '/v1/messages',
      body: {
        type: 'mta.step.decision.v1',
        causationid: copy.id,
        caseref: copy.caseref,
        source: '/partners/salus',
      },
    });
  });

  it('turns away whoever does not show the key', async () => {
    const salus = await start('salus');
    expect((await give(salus, aStepUp(), 'another')).status).toBe(401);
    expect(salus.received()).toEqual([]);
  });

  it('processes a repeat once, unless told to forget', async () => {
    const salus = await start('salus');
    const copy = aStepUp();
    await give(salus, copy);
    await give(salus, copy);
    expect(salus.received()).toMatchObject([
      { deliveryid: copy.deliveryid, count: 2, processed: 1, order: 1 },
    ]);
    await salus.set({ acceptsDuplicates: true });
    await give(salus, copy);
    expect(salus.received()).toMatchObject([{ count: 3, processed: 2 }]);
  });

  it('tries its answer again until the hub has it, with the same id', async () => {
    hub.failures = [503, 429];
    const salus = await start('salus');
    await give(salus, aStepUp());
    await eventually(() => expect(hub.posted).toHaveLength(3));
    expect(new Set(hub.posted.map(({ body }) => (body as Envelope).id)).size).toBe(1);
    expect(hub.tokens).toBe(1);
  });

  it('speaks FHIR where its partner does', async () => {
    const nelft = await start('nelft');
    const id = await nelft.send({
      specversion: '1.0',
      type: 'mta.step.decision.v1',
      caseref: 'MTA-0000-0000-0',
      causationid: randomUUID(),
      data: {
        decision: 'accepted',
        decidedAt: '2026-04-01T09:00:00Z',
        decidedBy: 'lead',
        ownerFrom: '2026-04-01',
      },
    });
    expect(hub.posted).toHaveLength(1);
    expect(hub.posted[0]?.path).toBe('/fhir/$process-message');
    expect(fromBundle(hub.posted[0]?.body)).toMatchObject({ envelope: { id, source: '/partners/nelft' } });
  });

  it('reads a FHIR copy by its request id', async () => {
    const nelft = await start('nelft');
    const copy: DeliveredEnvelope = {
      ...aStepUp(),
      type: 'mta.step.decision.v1',
      causationid: randomUUID(),
      data: {
        decision: 'accepted',
        decidedAt: '2026-04-01T09:00:00Z',
        decidedBy: 'lead',
        ownerFrom: '2026-04-01',
      },
    };
    const response = await fetch(`${nelft.url}/$process-message`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-key', 'x-request-id': copy.deliveryid },
      body: JSON.stringify(toBundle(copy)),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe(copy.deliveryid);
    expect(nelft.received()).toMatchObject([{ deliveryid: copy.deliveryid, id: copy.id, type: copy.type }]);
  });
});

describe('the knobs', () => {
  it.each([
    ['refuse', { refuse: true }, 422, 0],
    ['html', { htmlAnswer: true }, 200, 1],
    ['wrong answer', { wrongAnswer: true }, 200, 1],
    ['duplicate answer', { duplicateAnswer: true }, 409, 1],
    ['every request fails', { errorRate: 1 }, 500, 0],
    ['every request is too much', { errorRate: 1, errorKind: 'rate-limited' as const }, 429, 0],
  ])('%s', async (_name, knobs, status, processed) => {
    const salus = await start('salus', knobs);
    expect((await give(salus, aStepUp())).status).toBe(status);
    expect(salus.received()).toHaveLength(processed);
  });

  it('drops the answer after processing', async () => {
    const salus = await start('salus', { dropAnswerAfterProcessing: true });
    await expect(give(salus, aStepUp())).rejects.toThrow();
    expect(salus.received()).toMatchObject([{ count: 1, processed: 1 }]);
  });

  it('spreads its errors evenly', async () => {
    const salus = await start('salus', { errorRate: 0.5 });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await give(salus, aStepUp())).status);
    expect(statuses).toEqual([200, 500, 200, 500]);
  });

  it('is down and comes up at the same address, while its control answers', async () => {
    const salus = await start('salus');
    const control = createControl([salus]).listen(0, '127.0.0.1');
    await new Promise((resolve) => control.once('listening', resolve));
    const url = `http://127.0.0.1:${(control.address() as AddressInfo).port}/salus/knobs`;
    const turn = (knobs: unknown): Promise<Response> =>
      fetch(url, { method: 'POST', body: JSON.stringify(knobs) });
    try {
      expect((await turn({ down: true })).status).toBe(200);
      await expect(give(salus, aStepUp())).rejects.toThrow();
      await turn({ down: false });
      expect((await give(salus, aStepUp())).status).toBe(200);
      const wrong = await turn({ slow: 5 });
      expect(wrong.status).toBe(400);
      expect(await wrong.text()).toContain('There is no knob slow');
    } finally {
      control.closeAllConnections();
      await new Promise((resolve) => control.close(resolve));
    }
  });
});

describe('a simulator with an inbox', () => {
  it('fetches, acknowledges once and answers', async () => {
    const copy = { ...aStepUp(), type: 'mta.intervention.requested.v1' };
    hub.inbox.push(copy);
    const ylf = await start('ylf');
    await eventually(() => expect(hub.posted).toHaveLength(1));
    expect(hub.acknowledged).toEqual([copy.deliveryid]);
    expect(hub.posted[0]).toMatchObject({ body: { type: 'mta.request.decision.v1', causationid: copy.id } });
    expect(ylf.received()).toMatchObject([{ deliveryid: copy.deliveryid, processed: 1 }]);
  });

  it('does not act upon a copy that was withdrawn meanwhile', async () => {
    const withdrawn = { ...aStepUp(), deliveryid: 'withdrawn' };
    const copy = aStepUp();
    hub.inbox.push(withdrawn, copy);
    const ylf = await start('ylf');
    await eventually(() => expect(hub.posted).toHaveLength(1));
    expect(hub.posted[0]).toMatchObject({ body: { causationid: copy.id } });
    expect(ylf.received()).toMatchObject([{ deliveryid: copy.deliveryid }]);
  });

  it('leaves its inbox alone while it is down', async () => {
    const referrers = await start('referrers', { down: true });
    hub.inbox.push(aStepUp());
    await referrers.set({ down: false });
    await eventually(() => expect(hub.acknowledged).toHaveLength(1));
  });
});
