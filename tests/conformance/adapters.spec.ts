import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadAlliance, type Outcome, type OutcomeFact, type Partner, type Work } from '#contracts';
import { createBreaker, type Breaker } from '#channels/breaker.js';
import { isSignedWebhook } from '#channels/webhook.js';
import type { Adapter } from '../../apps/adapters/src/adapter.js';
import { createAdapters } from '../../apps/adapters/src/adapters.js';
import type { PartnerCredentials } from '../../apps/adapters/src/credentials.js';
import { runAttempt } from '../../apps/adapters/src/run-attempt.js';
import { partOf, type SimulatorName } from '../../apps/simulators/src/roster.js';
import { startSimulator } from '../../apps/simulators/src/simulator.js';
import { aCarriedDecision } from '../support/carried-decision.js';
import {
  startFakePartner,
  type Arrival,
  type FakePartner,
  type FakeReply,
  type FakeStyle,
} from '../support/fake-partner.js';

const CREDENTIALS: PartnerCredentials = {
  webhookSecrets: [`whsec_${Buffer.from('a secret for the conformance suite').toString('base64')}`],
  apiKey: 'a-key',
};

/** What every adapter owes, whatever its channel. */
const ADAPTERS: { id: string; style: FakeStyle; channel: Partner['channel']; idempotent: boolean }[] = [
  { id: 'nkm', style: 'webhook', channel: 'webhook', idempotent: true },
  { id: 'salus', style: 'http', channel: 'http', idempotent: true },
  { id: 'nelft', style: 'fhir', channel: 'fhir', idempotent: false },
  { id: 'kooth', style: 'webhook', channel: 'webhook', idempotent: false },
  { id: 'bfb-labs', style: 'http', channel: 'http', idempotent: false },
  { id: 'salus-kent', style: 'http', channel: 'http', idempotent: false },
  { id: 'crisis', style: 'fhir', channel: 'fhir', idempotent: false },
];

describe.each(ADAPTERS)('the adapter of $id', ({ id, style, channel, idempotent }) => {
  let fake: FakePartner;
  let adapter: Adapter;
  let breaker: Breaker;

  beforeEach(async () => {
    fake = await startFakePartner({ style, idempotent, partner: id });
    [adapter] = createAdapters([partnerAt(fake.url)], () => CREDENTIALS) as [Adapter];
    breaker = createBreaker(id, 10);
  });
  afterEach(async () => {
    breaker.close();
    await adapter.close();
    await fake.close();
  });

  const partnerAt = (url: string): Partner => ({
    id,
    name: id,
    channel,
    url,
    idempotent,
    test: false,
    window: 8,
    urgentWindow: 2,
    timeoutMs: 5000,
    ackWithin: 'P1D',
    owner: 'front-door',
    sends: [],
    reads: [],
  });

  /** One attempt as the wire's controller makes it; the outcome that the hub would read. */
  async function carry(work: Work = aWork(id)): Promise<Outcome> {
    const facts: OutcomeFact[] = [];
    const wire = {
      kind: 'local' as const,
      sendFacts: async (told: readonly unknown[]): Promise<void> =>
        void facts.push(...(told as OutcomeFact[])),
    };
    await runAttempt({ adapter, breaker, wire, onDefect: () => undefined }, work);
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({
      kind: 'outcome',
      deliveryId: work.deliveryId,
      attemptId: work.attemptId,
    });
    return (facts[0] as OutcomeFact).outcome;
  }

  it('delivers, and says by what it knows', async () => {
    const work = aWork(id);
    const outcome = await carry(work);
    expect(outcome).toMatchObject({ class: 'delivered', arrived: 'yes', code: 'acknowledged' });
    expect(outcome.evidence?.reference).toBe(style === 'webhook' ? '204' : work.deliveryId);
    expect(fake.received.map((one) => one.deliveryid)).toEqual([work.deliveryId]);
  });

  it('carries the same deliveryid on every attempt', async () => {
    const work = aWork(id);
    await carry(work);
    await carry({ ...work, attemptId: randomUUID(), attempt: 2 });
    expect(new Set(fake.received.map((one) => one.deliveryid))).toEqual(new Set([work.deliveryId]));
    expect(fake.doubles()).toBe(idempotent ? 0 : 1);
  });

  it.each<[string, FakeReply, Partial<Outcome>]>([
    ['a duplicate', 'duplicate', { class: 'delivered', arrived: 'yes', code: 'duplicate' }],
    ['a conflict', { status: 409 }, { class: 'refused-permanent', arrived: 'no', code: 'refused' }],
    ['a refusal', { status: 422 }, { class: 'refused-permanent', arrived: 'no', code: 'refused' }],
    ['wrong credentials', { status: 401 }, { class: 'refused-auth', arrived: 'no', code: 'unauthorised' }],
    [
      'a request to slow down',
      { status: 429, headers: { 'retry-after': '3' } },
      { class: 'refused-transient', arrived: 'no', code: 'rate-limited', retryAfterMs: 3000 },
    ],
    ['a failure', { status: 500 }, { class: 'refused-transient', arrived: 'maybe', code: 'server-error' }],
    ['a redirect', { status: 308, headers: { location: '/' } }, { arrived: 'maybe', code: 'redirected' }],
    ['a page of HTML', 'html', { class: 'refused-transient', arrived: 'maybe', code: 'no-evidence' }],
    [
      'another id',
      { status: 200, body: '{"deliveryid":"other"}' },
      { arrived: 'maybe', code: 'no-evidence' },
    ],
    ['a lost answer', 'drop', { class: 'refused-transient', arrived: 'maybe', code: 'reset' }],
    ['an answer nobody knows', { status: 418 }, { class: 'defect', arrived: 'maybe', code: 'unmapped' }],
  ])('knows %s, and sends once', async (_name, reply, expected) => {
    fake.respond(() => reply);
    expect(await carry()).toMatchObject(expected);
    expect(fake.received).toHaveLength(1);
  });

  it('knows that nothing left when nobody listens', async () => {
    await fake.down();
    expect(await carry()).toMatchObject({ arrived: 'no', code: 'connection-refused' });
    await fake.up();
    expect(await carry()).toMatchObject({ class: 'delivered' });
  });

  it('gives up when the time of the attempt is over', async () => {
    fake.respond(() => 'hang');
    expect(await carry({ ...aWork(id), timeoutMs: 60 })).toMatchObject({
      class: 'refused-transient',
      arrived: 'maybe',
      code: 'timeout',
    });
  });

  it('stops asking a failing endpoint, but for urgent work', async () => {
    fake.respond(() => ({ status: 500 }));
    for (let n = 0; n < 5; n += 1) await carry();
    expect(await carry()).toMatchObject({ arrived: 'no', code: 'breaker-open' });
    expect(fake.received).toHaveLength(5);
    fake.respond(() => 'good');
    expect(await carry({ ...aWork(id), band: 'urgent' })).toMatchObject({ class: 'delivered' });
  });

  it('keeps nothing of the partner’s text', async () => {
    fake.respond(() => ({ status: 500, body: 'Robin Example, born 2014' }));
    expect(JSON.stringify(await carry())).not.toContain('Robin');
  });

  it('shows its credentials', async () => {
    await carry();
    const [{ headers, body }] = fake.received as [Arrival];
    if (style === 'webhook') {
      expect(isSignedWebhook(CREDENTIALS.webhookSecrets, headers, JSON.stringify(body))).toBe(true);
    } else {
      expect(headers['authorization']).toBe('Bearer a-key');
    }
  });
});

/** Work that is due now: a step decision, for every channel can carry one. */
function aWork(partner: string): Work {
  const deliveryId = randomUUID();
  const messageId = randomUUID();
  const message = {
    ...aCarriedDecision,
    id: messageId,
    source: '/partners/ylf',
    causationid: randomUUID(),
    deliveryid: deliveryId,
    caseseq: 2,
  };
  return {
    deliveryId,
    messageId,
    partner,
    band: 'normal',
    attemptId: randomUUID(),
    attempt: 1,
    notAfter: new Date(Date.now() + 60_000).toISOString(),
    timeoutMs: 5000,
    message,
  };
}

describe('a simulator and its declared idempotence', () => {
  const credentials = {
    clientId: 'x',
    clientSecret: 'x',
    webhookSecret: CREDENTIALS.webhookSecrets[0],
    apiKey: 'a-key',
  };

  it.each(ADAPTERS)('holds for $id', async ({ id, channel, idempotent }) => {
    const simulator = await startSimulator(id as SimulatorName, {
      hubUrl: 'http://127.0.0.1:9',
      credentials,
    });
    const partner = { id, channel, url: simulator.url, idempotent } as Partner;
    const [adapter] = createAdapters([partner], () => CREDENTIALS) as [Adapter];
    try {
      const work = aWork(id);
      const signal = AbortSignal.timeout(5000);
      expect(await adapter.attempt(work, signal)).toMatchObject({ class: 'delivered' });
      await simulator.set({ dropAnswerAfterProcessing: true });
      expect(await adapter.attempt({ ...work, attempt: 2 }, signal)).toMatchObject({ arrived: 'maybe' });
      await simulator.set({ dropAnswerAfterProcessing: false });
      expect(await adapter.attempt({ ...work, attempt: 3 }, signal)).toMatchObject({ class: 'delivered' });
      const configured = loadAlliance().partners.find((one) => one.id === id);
      const knows = partOf(id as SimulatorName).idempotent;
      // Who knows repeats may be declared so or not; who knows none must not.
      if (!knows) expect(configured?.idempotent).toBe(false);
      expect(simulator.received()).toMatchObject([
        { deliveryid: work.deliveryId, count: 3, processed: knows ? 1 : 3 },
      ]);
    } finally {
      await adapter.close();
      await simulator.close();
    }
  });
});
