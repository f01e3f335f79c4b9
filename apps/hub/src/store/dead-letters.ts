import type { Pool } from 'pg';
import type { DeliveryState } from '#contracts';
import { itsTurn } from './its-turn.js';

/** A delivery that needs a person, as the desk sees it. Nothing of the body stands in it. */
export interface DeadLetter {
  deliveryId: string;
  messageId: string;
  partner: string;
  /** The role that it was routed to, or what stood in its place, such as `$origin`. */
  role: string;
  /** `parked`, or another live state where its role has another partner now. */
  state: DeliveryState;
  origin: string;
  type: string;
  band: number;
  caseRef: string | null;
  code: string;
  stage: string;
  detail: string;
  owner: string;
  parkedAt: string | null;
  dueAt: string;
  attempts: number;
  uncertain: boolean;
  /** A test message: it is for partners marked test alone. */
  test: boolean;
  /** Deliveries held behind it in its lane. */
  holds: number;
  /** The clock of its message that is nearest to its end. */
  clock: { name: string; dueAt: string } | null;
  /** Stage, code, partner, contract: the same for letters with one cause. */
  fingerprint: string;
}

const select = `
select d.delivery_id as "deliveryId", d.message_id as "messageId", d.partner, d.role, d.state, d.origin, d.type, d.band,
  d.case_ref as "caseRef", coalesce(d.fault_code, case d.state when 'parked' then 'defect/unexpected' else 'routing/role-moved' end) as code, coalesce(d.fault_stage, '') as stage,
  coalesce(d.fault_detail, '') as detail, d.owner, d.claimed_at as "parkedAt", d.due_at as "dueAt", d.attempts, d.uncertain, d.test,
  case when d.lane_key is null then 0 else (
    select count(*)::integer from delivery f where f.partner = d.partner and f.lane_key = d.lane_key and f.state = 'queued') end as holds,
  (select jsonb_build_object('name', k.name, 'dueAt', k.due_at) from clock k
   where k.message_id = d.message_id and k.state in ('running', 'breached') order by k.due_at limit 1) as clock,
  left(md5(concat_ws('|', d.fault_stage, d.fault_code, d.partner, d.type)), 12) as fingerprint
from delivery d`;

/** A partner that has filled a role, and does no more. */
export interface PastFilling {
  role: string;
  partner: string;
}

/** Parked deliveries, those nearest to harm first: urgent, then by due time. */
export async function readDeadLetters(
  pool: Pool,
  options: { limit: number; partner: string | null },
): Promise<DeadLetter[]> {
  const { rows } = await pool.query(
    `${select} where d.state = 'parked' and ($2::text is null or d.partner = $2) order by d.band, d.due_at limit $1`,
    [options.limit, options.partner],
  );
  return rows as DeadLetter[];
}

export async function readDeadLetter(
  pool: Pool,
  deliveryId: string,
  past: readonly PastFilling[] = [],
): Promise<DeadLetter | undefined> {
  const { rows } = await pool.query(
    `${select} where d.delivery_id = $1 and (d.state = 'parked' or (d.role, d.partner) in (${pastFillings(2)}))`,
    [deliveryId, ...columnsOf(past)],
  );
  return rows[0] as DeadLetter | undefined;
}

/** Live deliveries, parked ones apart, to partners whose role has gone to another. */
export async function readLeftBehind(
  pool: Pool,
  past: readonly PastFilling[],
  options: { limit: number; partner: string | null },
): Promise<DeadLetter[]> {
  if (past.length === 0) return [];
  const { rows } = await pool.query(
    `${select} where d.state <> 'parked' and d.partner = any($2) and (d.role, d.partner) in (${pastFillings(1)})
       and ($3::text is null or d.partner = $3) order by d.band, d.due_at limit $4`,
    [...columnsOf(past), options.partner, options.limit],
  );
  return rows as DeadLetter[];
}

const pastFillings = (at: number): string => `select * from unnest($${at}::text[], $${at + 1}::text[])`;
const columnsOf = (past: readonly PastFilling[]): [string[], string[]] => [
  past.map(({ role }) => role),
  past.map(({ partner }) => partner),
];

/**
 * Lets the followers of a parked delivery go on without it: it leaves its lane, and the next becomes the head. Answers
 * the partner with new work, or undefined where it is not the parked head of a lane.
 */
export async function releaseFollowers(
  pool: Pool,
  release: { deliveryId: string; by: string; reason: string },
): Promise<string | undefined> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{
      partner: string;
      lane_key: string;
      message_id: string;
      case_ref: string | null;
    }>(
      `select d.partner, d.lane_key, d.message_id, d.case_ref
       from lane l join delivery d on d.partner = l.partner and d.lane_key = l.lane_key
       where l.head = $1 and d.delivery_id = $1 and d.state = 'parked' for update`,
      [release.deliveryId],
    );
    const head = rows[0];
    if (!head) {
      await client.query('rollback');
      return undefined;
    }
    await client.query('update delivery set lane_key = null, lane_seq = null where delivery_id = $1', [
      release.deliveryId,
    ]);
    await client.query(
      `with next as (
         select delivery_id from delivery where partner = $1 and lane_key = $2 and state = 'queued' order by lane_seq limit 1),
       moved as (
         update delivery set ${itsTurn('ledger_now()')}
         where delivery_id = (select delivery_id from next))
       update lane set head = (select delivery_id from next) where partner = $1 and lane_key = $2`,
      [head.partner, head.lane_key],
    );
    await client.query(
      `insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
       values (ledger_now(), '{lane.released}', $1, $2, $3, $4, jsonb_build_object('by', $5::text, 'reason', $6::text))`,
      [head.message_id, release.deliveryId, head.case_ref, head.partner, release.by, release.reason],
    );
    await audit(client, release.by, 'dead-letter.release', release.deliveryId, { reason: release.reason });
    await client.query('commit');
    return head.partner;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Notes what a person or partner did or saw. Append-only. */
export async function audit(
  db: Pick<Pool, 'query'>,
  actor: string,
  action: string,
  subject: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await db.query(
    'insert into audit (at, actor, action, subject, detail) values (ledger_now(), $1, $2, $3, $4)',
    [actor, action, subject, JSON.stringify(detail)],
  );
}
