import type { Pool } from 'pg';

/** One invariant of the design's section 9. */
export interface InvariantResult {
  /** `I1` … */
  id: string;
  /** What it says. */
  means: string;
  ok: boolean;
  /** How many rows break it. */
  found: number;
  /** Up to five of them, as JSON. */
  examples: string[];
}

/** Pages of this many rows, so that no snapshot lives long beside claim and settle. */
const PAGE = 20_000;
const LATE = `interval '5 minutes'`;

/** Proves I1 to I5 on a live hub; a row is looked at in one short statement, so work under way breaks nothing. */
export async function checkInvariants(
  pool: Pool,
  planted: readonly string[] = [],
): Promise<InvariantResult[]> {
  return [
    await paged(pool, 'I1', 'Every accepted copy is live or ended, exactly once.', i1),
    await single(pool, 'I2', 'Every live row has an owner and a lease or due time in reach.', i2Deliveries),
    await single(
      pool,
      'I2',
      'Every lane with work has a head that can go on or that somebody holds.',
      i2Lanes,
    ),
    await single(pool, 'I2', 'Every live case, gate and clock has an owner and a due time.', i2Rest),
    await single(pool, 'I3', 'Attempts are contiguous and none is counted twice.', i3),
    await single(pool, 'I4', 'In each lane the wire order is the accept order.', i4),
    await paged(pool, 'I5', 'Every recipient stands in the stored decision.', i5),
    ...(planted.length > 0 ? [await i10(pool, planted)] : []),
  ];
}

/** Copies that the decision names, against the rows that exist. */
const i1 = `
select m.message_id, want.n as decided, have.n as found
from message m
cross join lateral (
  select jsonb_array_length(m.decision->'recipients') + jsonb_array_length(coalesce(m.decision->'blocked', '[]'))
         + case when m.decision ? 'parked' then 1 else 0 end as n) want
cross join lateral (
  select (select count(*) from delivery d where d.message_id = m.message_id and d.replaces is null)
       + (select count(*) from delivery_ended d where d.message_id = m.message_id and d.replaces is null) as n) have
where m.message_id = any($1::uuid[]) and m.decision ? 'recipients' and want.n <> have.n`;

const i5 = `
select m.message_id, d.partner
from message m
cross join lateral (
  select partner, role from delivery where message_id = m.message_id and replaces is null
  union all select partner, role from delivery_ended where message_id = m.message_id and replaces is null) d
where m.message_id = any($1::uuid[]) and m.decision ? 'recipients'
  and not (m.decision->'recipients') @> jsonb_build_array(jsonb_build_object('partner', d.partner))
  and not coalesce(m.decision->'blocked', '[]') @> jsonb_build_array(jsonb_build_object('role', d.role))
  and not (m.decision ? 'parked' and m.decision->'parked'->>'role' = d.role)`;

const i2Deliveries = `
select delivery_id, state, owner, due_at, not_after from delivery
where owner = '' or due_at is null
  or (state = 'claimed' and (attempt_id is null or not_after + make_interval(secs => timeout_ms / 1000.0) < ledger_now() - ${LATE}))
  or (state in ('blocked', 'handed-over', 'parked') and due_at < ledger_now() - ${LATE})`;

const i2Lanes = `
select l.partner, l.lane_key, l.head from lane l
where (l.head is null and exists (
        select 1 from delivery d where d.partner = l.partner and d.lane_key = l.lane_key))
   or (l.head is not null and not exists (
        select 1 from delivery d where d.delivery_id = l.head and d.partner = l.partner and d.lane_key = l.lane_key
          and d.state <> 'queued'))`;

const i2Rest = `
select 'case' as kind, case_ref as id from cases where owner = '' or due_at is null
union all select 'gate', partner from gate where owner = '' or (state in ('resting', 'paused') and until is null)
union all select 'clock', clock_id::text from clock where owner = '' or due_at is null
union all select 'clock', clock_id::text from clock where state = 'running' and next_at < ledger_now() - ${LATE}`;

/** Attempts as the timeline tells them, against the counter. */
const i3 = `
with tried as (
  select delivery_id, count(*) as n, count(distinct detail->>'attempt') as different, max((detail->>'attempt')::integer) as highest
  from timeline where delivery_id is not null and 'wire.claimed' = any(stations) and detail ? 'attempt'
  group by delivery_id)
select t.delivery_id, t.n, t.different, t.highest from tried t
where t.n <> t.different or t.highest <> t.n`;

const i4 = `
select * from (
  select delivery_id, partner, lane_key, lane_seq, claimed_at,
         max(claimed_at) over (partition by partner, lane_key order by lane_seq rows between unbounded preceding and 1 preceding) as before
  from (select delivery_id, partner, lane_key, lane_seq, claimed_at from delivery where lane_key is not null and claimed_at is not null
        union all
        select delivery_id, partner, lane_key, lane_seq, claimed_at from delivery_ended where lane_key is not null and claimed_at is not null) x
) y where before > claimed_at`;

async function single(pool: Pool, invariant: string, says: string, sql: string): Promise<InvariantResult> {
  const { rows } = await pool.query(`select count(*) over () as broken, x.* from (${sql}) x limit 5`);
  return result(invariant, says, Number((rows[0] as { broken: string } | undefined)?.broken ?? 0), rows);
}

async function paged(pool: Pool, invariant: string, says: string, sql: string): Promise<InvariantResult> {
  const broken: unknown[] = [];
  let count = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows: page } = await pool.query<{ message_id: string }>(
      `select message_id from message where message_id > $1 order by message_id limit ${PAGE}`,
      [after],
    );
    const last = page.at(-1);
    if (!last) return result(invariant, says, count, broken);
    after = last.message_id;
    const { rows } = await pool.query(sql, [page.map((row) => row.message_id)]);
    count += rows.length;
    broken.push(...rows.slice(0, 5 - broken.length));
  }
}

/** Planted personal strings must not stand in anything that is kept open. */
async function i10(pool: Pool, planted: readonly string[]): Promise<InvariantResult> {
  const { rows } = await pool.query(
    `with kept as (
       select 'timeline' as kept, concat_ws(' ', stations::text, case_ref, partner, detail::text) as text from timeline
       union all select 'alert', concat_ws(' ', key, text) from alert
       union all select 'message', concat_ws(' ', facts::text, decision::text, findings::text) from message
       union all select 'refusal', concat_ws(' ', type, external_id, paths::text, keywords::text) from refusal
       union all select 'delivery', concat_ws(' ', lane_key, fault_detail) from delivery
       union all select 'audit', concat_ws(' ', subject, detail::text) from audit)
     select kept, count(*) as broken from kept where exists (
       select 1 from unnest($1::text[]) p where position(lower(p) in lower(kept.text)) > 0) group by 1`,
    [planted],
  );
  const broken = rows.reduce((sum: number, row: { broken: string }) => sum + Number(row.broken), 0);
  return result('I10', 'No planted personal string stands in what is kept open.', broken, rows);
}

function result(id: string, means: string, found: number, rows: readonly unknown[]): InvariantResult {
  return { id, means, ok: found === 0, found, examples: rows.slice(0, 5).map((row) => JSON.stringify(row)) };
}
