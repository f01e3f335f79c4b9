import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { beginRestore, doubtCopies } from './after-restore.js';
import { claimDeliveries } from './claim-deliveries.js';
import { readExpiredLeases } from './read-attempts.js';
import { settleDeliveries } from './settle-deliveries.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

/** A lane of three copies for a partner of its own; answers their ids, the head first. */
async function aLane(): Promise<{ partner: string; ids: string[] }> {
  const partner = `p${randomUUID().slice(0, 8)}`;
  const ids = Array.from({ length: 3 }, () => randomUUID());
  await db.pool.query(
    `insert into gate (partner, stream, since, owner, window_now, window_full)
     values ($1, 'ordinary', ledger_now(), 'ops', 8, 8)`,
    [partner],
  );
  await db.pool.query('insert into lane (partner, lane_key, head, next_seq) values ($1, $1, $2, 4)', [
    partner,
    ids[0],
  ]);
  await db.pool.query(
    `insert into delivery (delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, lane_key,
       lane_seq, state, due_at, owner)
     select id, gen_random_uuid(), $1, 'front-door', 'ylf', 'mta.outcome.measure.v1', 1, false, false, ledger_now(), $1,
       n, case n when 1 then 'ready' else 'queued' end, ledger_now(), 'ops'
     from unnest($2::uuid[]) with ordinality as t(id, n)`,
    [partner, ids],
  );
  return { partner, ids };
}

async function statesOf(ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ delivery_id: string; state: string }>(
    'select delivery_id, state from delivery where delivery_id = any($1)',
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.delivery_id === id)?.state ?? 'ended');
}

const claim = (partner: string) =>
  claimDeliveries(db.pool, partner, 'ordinary', { leaseMs: 5_000, timeoutMs: 10_000, carried: true });
const end = (deliveryId: string) =>
  settleDeliveries(db.pool, [
    { deliveryId, from: ['claimed'], verb: { do: 'end', state: 'acknowledged' }, stations: [] },
  ]);
const expired = async () =>
  (await readExpiredLeases(db.pool, { partitions: null, graceMs: 0, limit: 100 })).map(
    ({ deliveryId, startedAt }) => ({ deliveryId, begun: startedAt !== null }),
  );

describe('a restored ledger', () => {
  it('judges a copy that was begun since, and claims one that was not', async () => {
    const begun = await aLane();
    const untouched = await aLane();
    await doubtCopies(db.pool, [begun.ids[0]!]);
    expect((await claim(begun.partner)).claimed).toEqual([]);
    expect(await expired()).toContainEqual({ deliveryId: begun.ids[0], begun: true });
    expect((await claim(untouched.partner)).claimed.map((c) => c.deliveryId)).toEqual([untouched.ids[0]]);
  });

  it('judges a follower that was begun since when its turn comes, and not before', async () => {
    const { partner, ids } = await aLane();
    await doubtCopies(db.pool, [ids[0]!, ids[1]!]);
    expect(await statesOf(ids)).toEqual(['claimed', 'queued', 'queued']);
    await end(ids[0]!);
    expect(await statesOf(ids)).toEqual(['ended', 'claimed', 'queued']);
    expect(await expired()).toContainEqual({ deliveryId: ids[1], begun: true });
    expect((await claim(partner)).claimed).toEqual([]);
    await end(ids[1]!);
    expect((await claim(partner)).claimed.map((c) => c.deliveryId)).toEqual([ids[2]]);
  });

  it('doubts all that could have gone where nothing is known of it', async () => {
    const { partner, ids } = await aLane();
    await doubtCopies(db.pool, 'all');
    await end(ids[0]!);
    await end(ids[1]!);
    expect(await statesOf(ids)).toEqual(['ended', 'ended', 'claimed']);
    expect((await claim(partner)).claimed).toEqual([]);
  });

  it('is taken up from the same moment by whoever comes after a death on the way, asked for or not', async () => {
    expect(await beginRestore(db.pool, false)).toBeUndefined();
    const at = new Date('2026-11-20T10:00:00Z');
    const grows = (when: Date) =>
      db.pool.query(
        `insert into timeline (at, stations, message_id) values ($1, '{hub.accepted}', gen_random_uuid())`,
        [when],
      );
    await grows(at);
    expect(await beginRestore(db.pool, true)).toEqual(at);
    await grows(new Date('2026-11-20T11:00:00Z'));
    expect(await beginRestore(db.pool, true)).toEqual(at);
    expect(await beginRestore(db.pool, false)).toEqual(at);
    await doubtCopies(db.pool, []);
    expect(await beginRestore(db.pool, false)).toBeUndefined();
  });
});
