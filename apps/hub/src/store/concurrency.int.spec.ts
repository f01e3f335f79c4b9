import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { createPool } from '../platform/postgres.js';
import { acceptMessages, CASE_RACED } from './accept-messages.js';
import type { AcceptRow, DeliveryRow } from './accept-row.js';
import { checkInvariants } from './check-invariants.js';
import { claimDeliveries, type ClaimedDelivery, type Stream } from './claim-deliveries.js';
import { readDeadLetters, releaseFollowers } from './dead-letters.js';
import { endPauses, pauseGate, resumeGate } from './gates.js';
import { readExpiredLeases } from './read-attempts.js';
import { settleAnswered } from './settle-answered.js';
import { settleDeliveries, type Settlement } from './settle-deliveries.js';

const SEED = Number(process.env.SEED ?? 20_261_122);
const RUN_MS = 5_000;
const PARTNERS = ['alfa', 'bravo', 'charlie'];
const CASES = Array.from({ length: 6 }, (_, i) => `CASE-${i}`);
const CLOCK = { name: 'answer', owner: 'front-door', stops: ['step.decision'], policy: '1' };
const soon = { leaseMs: 150, timeoutMs: 50, carried: false };

let db: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  db = await freshDatabase();
  pool = createPool(db.url, { max: 14, applicationName: 'test', statementTimeoutMs: 30_000 });
  await pool.query(
    `insert into gate (partner, stream, since, owner, window_now, window_full)
     select p, s, ledger_now(), 'ops', 4, 4 from unnest($1::text[]) p, unnest(array['ordinary', 'urgent']) s`,
    [PARTNERS],
  );
});
afterAll(async () => {
  await pool.end();
  await db.drop();
});

/** A small generator of our own, so that a seed says what each actor draws (not how their turns fall). */
function dice(seed: number): {
  real: () => number;
  pick: <T>(from: readonly T[]) => T;
  oneIn: (n: number) => boolean;
} {
  let state = seed;
  const real = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { real, pick: (from) => from[Math.floor(real() * from.length)]!, oneIn: (n) => real() < 1 / n };
}
type Dice = ReturnType<typeof dice>;

/** What the actors share: what was accepted, who may still go on, and what went wrong. */
const world = {
  accepted: new Map<string, { caseRef: string; partners: string[] }>(),
  until: 0,
  errors: [] as string[],
};

function aRow(d: Dice, caseRef: string): AcceptRow {
  const messageId = uuidv7();
  const sender = d.pick(PARTNERS);
  const to = PARTNERS.filter((partner) => partner !== sender && !d.oneIn(3));
  const band = d.pick([0, 1, 1, 1, 2]);
  const asked = d.oneIn(3) ? d.pick([...world.accepted.keys(), null]) : null;
  const now = new Date().toISOString();
  const copies = to.map((partner): DeliveryRow => ({
    deliveryId: uuidv7(),
    partner,
    role: 'front-door',
    asks: false,
    laneKey: band === 0 || d.oneIn(4) ? null : caseRef,
    state: 'ready',
    owner: 'front-door',
    dueAt: now,
    fault: null,
  }));
  return {
    messageId,
    source: `/partners/${sender}`,
    externalId: randomUUID(),
    digest: Buffer.from('digest'),
    receipt: '{}',
    sealed: Buffer.from(messageId),
    type: asked ? 'mta.step.decision.v1' : 'mta.step-up.requested.v1',
    band,
    acceptedAt: now,
    sender,
    caseRef,
    opens: null,
    partnerCaseRef: d.oneIn(3) ? `${caseRef}-${d.pick(['x', 'y', 'z'])}` : null,
    causationId: asked,
    basis: 'consent',
    answer: d.pick(['receipt', 'none']),
    test: false,
    facts: asked ? { decision: 'accepted' } : {},
    decision: { recipients: to.map((partner) => ({ partner, role: 'front-door' })), blocked: [] },
    findings: null,
    owner: null,
    consents: [],
    restricts: null,
    recalls: null,
    holders: null,
    clocks: d.oneIn(2) ? [{ ...CLOCK, startedAt: now, dueAt: now, nextAt: '2099-01-01T00:00:00Z' }] : [],
    alerts: [],
    deliveries: copies,
  };
}

async function openCases(): Promise<void> {
  const opens = {
    owner: 'front-door',
    ownerPartner: 'alfa',
    area: 'medway' as const,
    provisional: false,
    dueAt: '2099-01-01T00:00:00Z',
  };
  const d = dice(SEED);
  const rows = CASES.map((caseRef) => ({ ...aRow(d, caseRef), opens, partnerCaseRef: null }));
  await accept(rows);
}

async function accept(rows: readonly AcceptRow[]): Promise<void> {
  const { fresh } = await acceptMessages(pool, rows);
  for (const row of rows)
    if (fresh.has(row.messageId))
      world.accepted.set(row.messageId, {
        caseRef: row.caseRef ?? '',
        partners: row.deliveries.map(({ partner }) => partner),
      });
}

/** Some messages in one batch; now and then the same ones are posted twice at once. */
async function acceptSome(d: Dice): Promise<void> {
  const rows = Array.from({ length: 1 + Math.floor(d.real() * 6) }, () => aRow(d, d.pick(CASES)));
  const again = d.oneIn(3)
    ? rows.toReversed().map((row) => ({
        ...row,
        messageId: uuidv7(),
        deliveries: row.deliveries.map((copy) => ({ ...copy, deliveryId: uuidv7() })),
      }))
    : [];
  await Promise.all([accept(rows), ...(again.length > 0 ? [accept(again)] : [])]);
}

const recorded = { stage: 'settle', detail: 'as the test wants it' };

function outcome(d: Dice, one: ClaimedDelivery): Settlement {
  const base = { deliveryId: one.deliveryId, attemptId: one.attemptId, from: ['claimed'] as const };
  const detail = { attempt: one.attempt };
  const carried = ['wire.claimed', 'wire.sent'];
  const roll = d.real();
  if (roll < 0.6)
    return {
      ...base,
      verb: { do: 'end', state: d.oneIn(5) ? 'withheld' : 'acknowledged' },
      stations: [...carried, 'partner.received'],
      detail,
      gate: { effect: 'success' },
    };
  if (roll < 0.7)
    return {
      ...base,
      verb: { do: 'ready', inMs: d.real() * 20, free: true },
      stations: ['delivery.retrying'],
      gate: d.oneIn(2) ? { effect: 'unprobed' } : { effect: 'rest', forMs: 20, reason: 'connection-refused' },
    };
  if (roll < 0.8)
    return {
      ...base,
      verb: { do: 'ready', inMs: d.real() * 20 },
      stations: [...carried, 'delivery.retrying'],
      detail,
      ...(d.oneIn(10) && { gate: { effect: 'close', reason: 'credentials' } }),
    };
  if (roll < 0.9)
    return {
      ...base,
      verb: { do: 'hand-over', forMs: 50 },
      stations: [...carried, 'delivery.handed-over'],
      detail,
    };
  return {
    ...base,
    verb: { do: 'park', forMs: 50 },
    fault: { code: 'partner-refused/refused', ...recorded },
    stations: [...carried, 'delivery.parked'],
    detail,
    alert: {
      key: `parked:${one.attemptId}`,
      severity: 'warning',
      kind: 'delivery.parked',
      owner: 'ops',
      text: 'x',
    },
  };
}

/** Claims; some claims are lost, and some facts come twice at once, as from two readers. */
async function claimSome(d: Dice): Promise<void> {
  const stream: Stream = d.oneIn(4) ? 'urgent' : 'ordinary';
  const { claimed } = await claimDeliveries(pool, d.pick(PARTNERS), stream, soon);
  if (claimed.length === 0) return void (await sleep(2));
  const known = claimed.filter(() => !d.oneIn(20));
  const settlements = known.map((one) => outcome(d, one));
  const others = d.oneIn(4) ? known.map((one) => outcome(d, one)).toReversed() : [];
  await Promise.all([settleDeliveries(pool, settlements), settleDeliveries(pool, others)]);
}

const LEASE_ENDED = { do: 'ready', inMs: 0, free: true } as const;

/** The rounds and the desk: leases judged, what was handed over acknowledged, parked work replayed or thrown away. */
async function sweep(d: Dice): Promise<void> {
  const expired = await readExpiredLeases(pool, { partitions: null, graceMs: 0, limit: 50 });
  const { rows: handed } = await pool.query<{ id: string }>(
    `select delivery_id as id from delivery where state = 'handed-over' limit 20`,
  );
  const letters = await readDeadLetters(pool, { limit: 20, partner: null });
  await settleDeliveries(pool, [
    ...expired.map((one): Settlement => ({
      deliveryId: one.deliveryId,
      ...(one.attemptId && { attemptId: one.attemptId }),
      from: ['claimed'],
      verb: LEASE_ENDED,
      stations: ['delivery.retrying'],
    })),
    ...handed.map(({ id }): Settlement => ({
      deliveryId: id,
      from: ['handed-over'],
      verb: { do: 'end', state: 'acknowledged' },
      stations: ['partner.received'],
    })),
    ...letters.map(({ deliveryId }): Settlement => ({
      deliveryId,
      from: ['parked'],
      verb: d.oneIn(2) ? { do: 'ready', inMs: 0, restart: true, told: 0 } : { do: 'end', state: 'discarded' },
      stations: ['delivery.replayed'],
    })),
  ]);
  await sleep(10);
}

async function people(d: Dice): Promise<void> {
  const [letter] = await readDeadLetters(pool, { limit: 1, partner: d.pick(PARTNERS) });
  if (letter) await releaseFollowers(pool, { deliveryId: letter.deliveryId, by: 'a person', reason: 'test' });
  const pause = {
    reason: 'test',
    by: 'a person',
    owner: 'ops',
    until: new Date(Date.now() + 50).toISOString(),
  };
  if (d.oneIn(5)) await pauseGate(pool, d.pick(PARTNERS), pause);
  await endPauses(pool);
  if (d.oneIn(2)) await resumeGate(pool, d.pick(PARTNERS), 'a person');
  await sleep(20);
}

/** A business answer settles its cause from any live state. */
async function answerSome(d: Dice): Promise<void> {
  const [messageId, message] = d.pick([...world.accepted]);
  const answered = await settleAnswered(pool, messageId, d.pick([...message.partners, 'alfa']));
  if (answered) await settleDeliveries(pool, [answered.settlement]);
  await sleep(3);
}

/** Does its work again and again until the time is up; an error is noted, and work goes on. */
async function actor(seed: number, work: (d: Dice) => Promise<void>): Promise<void> {
  const d = dice(seed);
  while (performance.now() < world.until)
    await work(d).catch((error: Error & { code?: string; where?: string }) => {
      if (error.code !== CASE_RACED)
        world.errors.push(`${work.name}: ${error.code} ${error.message} ${error.where}`);
    });
}

/** Everything that still waits goes the straight way, as when all partners are well again. */
async function drain(): Promise<void> {
  for (let round = 0; round < 2_000; round += 1) {
    for (const partner of PARTNERS) await resumeGate(pool, partner, 'the end');
    await pool.query('update gate set window_now = 50');
    const letters = await readDeadLetters(pool, { limit: 500, partner: null });
    await settleDeliveries(
      pool,
      letters.map(({ deliveryId }) => ({
        deliveryId,
        from: ['parked'],
        verb: { do: 'ready', inMs: 0 },
        stations: [],
      })),
    );
    await sweep({ ...dice(SEED), oneIn: () => true });
    let left = 0;
    for (const partner of PARTNERS)
      for (const stream of ['urgent', 'ordinary'] as const) {
        const { claimed } = await claimDeliveries(pool, partner, stream, soon);
        left += claimed.length;
        await settleDeliveries(
          pool,
          claimed.map((one) => outcome({ ...dice(SEED), real: () => 0, oneIn: () => false }, one)),
        );
      }
    if (left === 0 && (await pool.query('select from delivery limit 1')).rowCount === 0) return;
  }
  throw new Error('Something is left for ever.');
}

describe('the ledger under many hands', () => {
  it('loses, doubles and disorders nothing, and never deadlocks', async () => {
    await openCases();
    world.until = performance.now() + RUN_MS;
    const crew = [acceptSome, acceptSome, acceptSome, claimSome, claimSome, claimSome, claimSome, claimSome];
    await Promise.all(
      [...crew, sweep, sweep, people, answerSome, answerSome].map((work, i) => actor(SEED + i, work)),
    );
    await drain();

    expect(world.errors).toEqual([]);
    const { rows: ended } = await pool.query<{ message_id: string; partners: string[] }>(
      'select message_id, array_agg(partner order by partner) as partners from delivery_ended group by 1',
    );
    expect(new Map(ended.map((row) => [row.message_id, row.partners]))).toEqual(
      new Map(
        [...world.accepted].flatMap(([id, { partners }]) =>
          partners.length > 0 ? [[id, partners.sort()]] : [],
        ),
      ),
    );
    expect((await pool.query('select from lane where head is not null')).rowCount).toBe(0);
    const { rows: owed } = await pool.query(
      `select m.message_id from message m left join receipt r using (message_id)
       where m.answer = 'receipt' and r.due is not true`,
    );
    expect(owed).toEqual([]);
    const { rows: seqs } = await pool.query(
      `select case_ref from message group by 1 having max(case_seq) <> count(*) or count(distinct case_seq) <> count(*)`,
    );
    expect(seqs).toEqual([]);
    expect((await checkInvariants(pool)).filter((invariant) => !invariant.ok)).toEqual([]);
  }, 60_000);
});
