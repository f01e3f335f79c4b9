import type { Pool, PoolClient } from 'pg';
import { settleDeliveries } from './settle-deliveries.js';

/** One live delivery that another partner is to have instead. */
export interface Redirect {
  deliveryId: string;
  /** Whose it is; and who gets it, in which role, under which new id. */
  from: string;
  to: { partner: string; role: string; owner: string; deliveryId: string };
  by: string;
  reason: string;
}

/**
 * `taken`: the partner has, or had, a copy of the message already; `moved`: it is under way, has ended or is another's;
 * `recalled`: its sender has taken it back, so that it may go to nobody.
 */
export type Redirected =
  { done: true; wake: string[] } | { done: false; why: 'taken' | 'moved' | 'recalled' };

/** Every live state but `claimed`: an attempt under way may arrive. */
const MOVABLE = ['queued', 'ready', 'handed-over', 'blocked', 'parked'] as const;

/**
 * Ends one delivery as superseded and puts a new one, linked to it, into the lane of the partner that has the role now:
 * both or neither. The audit says who did it.
 */
export async function redirectDelivery(pool: Pool, redirect: Redirect): Promise<Redirected> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const done = await move(client, redirect);
    await client.query(done.done ? 'commit' : 'rollback');
    return done;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function move(client: PoolClient, redirect: Redirect): Promise<Redirected> {
  const { deliveryId, from, to, by, reason } = redirect;
  await takeCase(client, deliveryId);
  const { rows } = await client.query<{ message_id: string; lane_key: string | null; taken: boolean }>(
    `select d.message_id, d.lane_key,
       exists (select 1 from delivery o where o.message_id = d.message_id and o.partner = $3)
       or exists (select 1 from delivery_ended o where o.message_id = d.message_id and o.partner = $3
                  and o.state = 'acknowledged') as taken
     from delivery d where d.delivery_id = $1 and d.partner = $2`,
    [deliveryId, from, to.partner],
  );
  const old = rows[0];
  if (!old) return { done: false, why: 'moved' };
  if (old.taken) return { done: false, why: 'taken' };
  const lane = old.lane_key === null ? null : await takeLanes(client, old.lane_key, redirect);
  if (await isRecalled(client, deliveryId)) return { done: false, why: 'recalled' };
  await client.query(
    `insert into delivery (delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref,
                           case_seq, lane_key, lane_seq, state, due_at, owner, head_since, replaces)
     select $2, message_id, $3, $4, origin, type, band, asks, test, accepted_at, case_ref, case_seq, lane_key, $6,
            case when $7 then 'ready' else 'queued' end, ledger_now(), $5, case when $7 then ledger_now() end, delivery_id
     from delivery where delivery_id = $1`,
    [deliveryId, to.deliveryId, to.partner, to.role, to.owner, lane?.seq ?? null, lane?.heads ?? true],
  );
  if (lane && !lane.heads) await hurryLane(client, to.deliveryId);
  await joinCase(client, to);
  const { applied, wake } = await settleDeliveries(client, [
    {
      deliveryId,
      from: MOVABLE,
      verb: { do: 'end', state: 'superseded' },
      stations: ['delivery.redirected'],
      detail: { by, reason },
    },
  ]);
  if (!applied.has(deliveryId)) return { done: false, why: 'moved' };
  // After the settlement, which takes its rows in the order that all settlements share.
  await client.query('update receipt set remaining = remaining + 1 where message_id = $1', [old.message_id]);
  return { done: true, wake: [...wake, to.partner] };
}

/** Somebody comes to the case: what is told to all who hold something of it must not be accepted meanwhile. */
async function takeCase(client: PoolClient, deliveryId: string): Promise<void> {
  await client.query(
    `select 1 from cases where case_ref = (select case_ref from delivery where delivery_id = $1) for no key update`,
    [deliveryId],
  );
}

/** Asked under the lock that a recall takes too: either it sees the recall, or the recall sees the new delivery. */
async function isRecalled(client: PoolClient, deliveryId: string): Promise<boolean> {
  const { rows } = await client.query<{ recalled: boolean }>(
    'select recalled from delivery where delivery_id = $1 for update',
    [deliveryId],
  );
  return rows[0]?.recalled === true;
}

/** Locks both lanes in the order in which everybody takes lanes; answers the new one's place in its lane. */
async function takeLanes(
  client: PoolClient,
  laneKey: string,
  { from, to }: Redirect,
): Promise<{ seq: string; heads: boolean }> {
  let place = { seq: '0', heads: true };
  for (const partner of [from, to.partner].toSorted()) {
    if (partner === from) {
      await client.query('select 1 from lane where partner = $1 and lane_key = $2 for update', [
        partner,
        laneKey,
      ]);
      continue;
    }
    const { rows } = await client.query<{ next_seq: string; head: string }>(
      `insert into lane as l (partner, lane_key, next_seq, head) values ($1, $2, 1, $3)
       on conflict (partner, lane_key) do update set next_seq = l.next_seq + 1, head = coalesce(l.head, excluded.head)
       returning next_seq, head`,
      [partner, laneKey, to.deliveryId],
    );
    place = { seq: rows[0]?.next_seq ?? '0', heads: rows[0]?.head === to.deliveryId };
  }
  return place;
}

/** Whoever waits ahead of it takes its band, for it can go no sooner than they. */
async function hurryLane(client: PoolClient, deliveryId: string): Promise<void> {
  await client.query(
    `update delivery d set band = n.band from delivery n
     where n.delivery_id = $1 and d.partner = n.partner and d.lane_key = n.lane_key and d.band > n.band`,
    [deliveryId],
  );
}

/** The new partner holds something of the case from now on. */
async function joinCase(client: PoolClient, { deliveryId, partner }: Redirect['to']): Promise<void> {
  await client.query(
    `insert into case_party (case_ref, partner)
     select case_ref, partner from delivery where delivery_id = $1 and case_ref is not null on conflict do nothing`,
    [deliveryId],
  );
  await client.query(
    `insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
     select ledger_now(), '{hub.routed}', message_id, delivery_id, case_ref, $2,
            jsonb_build_object('role', role, 'replaces', replaces)
     from delivery where delivery_id = $1`,
    [deliveryId, partner],
  );
}
