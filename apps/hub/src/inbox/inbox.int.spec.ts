import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { loadAlliance } from '#contracts';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { eventually } from '../../../../tests/support/eventually.js';
import { aPartnerOf, aRow } from '../../../../tests/support/rows.js';
import type { Hub } from '../hub.js';
import { createPool } from '../platform/postgres.js';
import { acceptMessages } from '../store/accept-messages.js';
import { claimDeliveries, type ClaimedDelivery } from '../store/claim-deliveries.js';
import { settleDeliveries } from '../store/settle-deliveries.js';
import { acknowledge } from './inbox.js';
import { refuse } from './refuse.js';

let db: FreshDatabase;
let otherPool: Pool;
beforeAll(async () => {
  db = await freshDatabase();
  otherPool = createPool(db.url, { max: 4, applicationName: 'test', statementTimeoutMs: 30_000 });
});
afterAll(async () => {
  await otherPool.end();
  await db.drop();
});

/** As much of a hub process as the inbox needs. */
function aHub(pool: Pool, channel: 'inbox' | 'http'): Hub {
  return {
    parts: { pool },
    rules: { alliance: loadAlliance() },
    partner: () => ({ channel }),
    settle: (settlements: Parameters<typeof settleDeliveries>[1]) => settleDeliveries(pool, settlements),
    carriedBy: async ({ attempt }: { attempt: number }) => ({ attempt, arrived: 'yes', form: 'what left' }),
  } as unknown as Hub;
}

async function claimedFor(partner: string): Promise<ClaimedDelivery> {
  await acceptMessages(db.pool, [aRow({ to: partner })]);
  const options = { leaseMs: 5_000, timeoutMs: 10_000, carried: false };
  const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', options);
  return claimed[0] as ClaimedDelivery;
}

const handOver = ({ deliveryId, attemptId }: ClaimedDelivery): Promise<unknown> =>
  settleDeliveries(db.pool, [
    { deliveryId, attemptId, from: ['claimed'], verb: { do: 'hand-over', forMs: 60_000 }, stations: [] },
  ]);

const recordOf = async (deliveryId: string): Promise<unknown[]> =>
  (
    await db.pool.query<{ stations: string[]; detail: object }>(
      'select stations, detail from timeline where delivery_id = $1 order by id',
      [deliveryId],
    )
  ).rows;

/** Starts all at once, each held up by a lock on the delivery until all of them are. */
async function atOnce<T>(deliveryId: string, all: (() => Promise<T>)[]): Promise<T[]> {
  const holder = await db.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select 1 from delivery where delivery_id = $1 for update', [deliveryId]);
    const running = all.map((one) => one());
    await eventually(async () => {
      const { rows } = await otherPool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(all.length);
    });
    await holder.query('commit');
    return await Promise.all(running);
  } finally {
    holder.release();
  }
}

it('counts one acknowledgement of two people at two hub processes, and tells both so', async () => {
  const partner = await aPartnerOf(db.pool);
  const delivery = await claimedFor(partner);
  await handOver(delivery);
  const { deliveryId } = delivery;
  const answers = await atOnce(
    deliveryId,
    [db.pool, otherPool].map((pool) => () => acknowledge(aHub(pool, 'inbox'), partner, deliveryId)),
  );
  expect(answers).toEqual(['acknowledged', 'acknowledged']);
  expect(await recordOf(deliveryId)).toEqual([{ stations: ['partner.received'], detail: { by: 'inbox' } }]);
});

it('keeps what arrived when one person acknowledges and another refuses at the same moment', async () => {
  const partner = await aPartnerOf(db.pool);
  const delivery = await claimedFor(partner);
  await handOver(delivery);
  const { deliveryId } = delivery;
  const [has, cannot] = await atOnce<unknown>(deliveryId, [
    () => acknowledge(aHub(db.pool, 'inbox'), partner, deliveryId),
    () => refuse(aHub(otherPool, 'inbox'), partner, deliveryId, { complaint: 'refused' }),
  ]);
  expect(has).toBe('acknowledged');
  // Whichever came first, both were told how it stood then; it ends as arrived.
  expect(['parked', 'acknowledged']).toContain((cannot as { state: string }).state);
  expect(await acknowledge(aHub(db.pool, 'inbox'), partner, deliveryId)).toBe('acknowledged');
  expect(await refuse(aHub(otherPool, 'inbox'), partner, deliveryId, { complaint: 'refused' })).toMatchObject(
    { state: 'acknowledged' },
  );
  const stations = (await recordOf(deliveryId)).flatMap((row) => (row as { stations: string[] }).stations);
  expect(stations.filter((station) => station === 'partner.received')).toHaveLength(1);
});

it('records what left where the acknowledgement overtakes the outcome of its attempt', async () => {
  const partner = await aPartnerOf(db.pool);
  const { deliveryId } = await claimedFor(partner);
  expect(await acknowledge(aHub(db.pool, 'http'), partner, deliveryId)).toBe('acknowledged');
  expect(await recordOf(deliveryId)).toEqual([
    {
      stations: ['partner.received'],
      detail: { by: 'inbox', attempt: 1, arrived: 'yes', form: 'what left' },
    },
  ]);
});

it('gives another nothing to acknowledge or refuse', async () => {
  const partner = await aPartnerOf(db.pool);
  const delivery = await claimedFor(partner);
  await handOver(delivery);
  const thief = await aPartnerOf(db.pool);
  const hub = aHub(db.pool, 'http');
  expect(await acknowledge(hub, thief, delivery.deliveryId)).toBe('not-found');
  expect(await refuse(hub, thief, delivery.deliveryId, { complaint: 'undelivered' })).toBe('not-found');
  expect(await acknowledge(hub, thief, randomUUID())).toBe('not-found');
  expect(await recordOf(delivery.deliveryId)).toEqual([]);
});
