import type { Pool } from 'pg';
import { BANDS, type Band, type DeliveryState } from '#contracts';
import { HOT } from './hot.js';

/** Stands for whatever attempts were made after a backup that was put back: the ledger does not know their names. */
export const UNKNOWN_ATTEMPT = '00000000-0000-0000-0000-000000000000';

/** What settle looks at before it decides. */
export interface AttemptState {
  deliveryId: string;
  messageId: string;
  partner: string;
  band: Band;
  state: DeliveryState;
  /** The latest attempt; an outcome of another one is late. */
  attemptId: string | null;
  attempt: number;
  startedAt: Date | null;
  claimedAt: Date | null;
  told: number;
  possibleRepeat: boolean;
  uncertain: boolean;
  /** Milliseconds that it has headed its lane with the gate open. */
  headMs: number;
  ageMs: number;
  /** Ledger time of the look. */
  now: Date;
  /** A message of the partner's names this one as its cause: proof of arrival (R4). */
  answered: boolean;
  /** How often in a row the partner's gate has come to rest. */
  rests: number;
}

const columns = `d.delivery_id, d.message_id, d.partner, d.band, d.state, d.attempt_id, d.attempts, d.started_at, d.claimed_at,
  d.told, d.possible_repeat, d.uncertain, g.rests,
  case when g.state = 'open' then extract(epoch from t.now - greatest(d.head_since, g.since)) * 1000 else 0 end as head_ms,
  extract(epoch from t.now - d.accepted_at) * 1000 as age_ms, t.now`;

const tables = `delivery d
left join gate g on g.partner = d.partner and g.stream = case when d.band = 0 then 'urgent' else 'ordinary' end`;

export const readAttemptsSql = `
create or replace function read_attempts(ids uuid[])
returns table (delivery_id uuid, message_id uuid, partner text, band smallint, state text, attempt_id uuid, attempts integer,
  started_at timestamptz, claimed_at timestamptz, told smallint, possible_repeat boolean, uncertain boolean,
  rests integer, head_ms numeric, age_ms numeric, now timestamptz)
language plpgsql stable ${HOT} as $$
#variable_conflict use_column
declare at timestamptz := ledger_now();
begin
  return query select ${columns}
  from (select at as now) t cross join ${tables} where d.delivery_id = any(ids);
end $$;
`;

/** Live deliveries by id, in no order; ended ones are absent. `answered` is not looked for. */
export async function readAttempts(pool: Pool, ids: readonly string[]): Promise<Map<string, AttemptState>> {
  const { rows } = await pool.query<Row>({
    name: 'read_attempts',
    text: 'select * from read_attempts($1)',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.delivery_id, attemptState(row)]));
}

/**
 * Claims whose attempt is past its time and of which nothing more can come: `notAfter` and the attempt's timeout lie
 * before `ledger_now()`, and, where work is carried by Kafka, before what every partition of facts has been read to.
 */
export async function readExpiredLeases(
  pool: Pool,
  options: { partitions: number | null; graceMs: number; limit: number },
): Promise<AttemptState[]> {
  const { rows } = await pool.query<Row>({
    text: `select ${columns},
        exists (select 1 from message a where a.causation_id = d.message_id and a.source = '/partners/' || d.partner) as answered
      from (select ledger_now() as now offset 0) t cross join ${tables}
      where d.state = 'claimed'
        and d.not_after + make_interval(secs => (d.timeout_ms + $2) / 1000.0) < t.now
        and ($1::integer is null or d.not_after + make_interval(secs => (d.timeout_ms + $2) / 1000.0) <
             (select case when count(*) >= $1 then min(read_until) end from wire_progress where partition < $1))
      limit $3`,
    values: [options.partitions, options.graceMs, options.limit],
  });
  return rows.map(attemptState);
}

/** Notes that attempts have begun; an attempt that is not the claim, nor may be, is left alone. */
export async function markStarted(
  pool: Pool,
  attempts: readonly { deliveryId: string; attemptId: string }[],
): Promise<void> {
  await pool.query({
    text: `update delivery d set started_at = ledger_now()
      from unnest($1::uuid[], $2::uuid[]) as a(delivery_id, attempt_id)
      where d.delivery_id = a.delivery_id and d.attempt_id = a.attempt_id and d.state = 'claimed'
        and d.started_at is null`,
    values: [attempts.map((a) => a.deliveryId), attempts.map((a) => a.attemptId)],
  });
}

/** Notes how far each partition of facts has been read. */
export async function markRead(pool: Pool, partition: number, readUntil: string): Promise<void> {
  await pool.query(
    `insert into wire_progress (partition, read_until) values ($1, $2)
     on conflict (partition) do update set read_until = greatest(wire_progress.read_until, excluded.read_until)`,
    [partition, readUntil],
  );
}

interface Row {
  delivery_id: string;
  message_id: string;
  partner: string;
  band: number;
  state: DeliveryState;
  attempt_id: string | null;
  attempts: number;
  started_at: Date | null;
  claimed_at: Date | null;
  told: number;
  possible_repeat: boolean;
  uncertain: boolean;
  rests: number | null;
  head_ms: string;
  age_ms: string;
  now: Date;
  answered?: boolean;
}

function attemptState(row: Row): AttemptState {
  return {
    deliveryId: row.delivery_id,
    messageId: row.message_id,
    partner: row.partner,
    band: BANDS[row.band] ?? 'normal',
    state: row.state,
    attemptId: row.attempt_id,
    attempt: row.attempts,
    startedAt: row.started_at,
    claimedAt: row.claimed_at,
    told: row.told,
    possibleRepeat: row.possible_repeat,
    uncertain: row.uncertain,
    headMs: Math.max(0, Number(row.head_ms ?? 0)),
    ageMs: Number(row.age_ms),
    now: row.now,
    answered: row.answered ?? false,
    rests: row.rests ?? 0,
  };
}
