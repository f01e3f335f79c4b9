import type { Pool } from 'pg';
import { UNKNOWN_ATTEMPT } from './read-attempts.js';

/** The last moment that a restored ledger knows of; the beginning of time for an empty one. */
export async function readLastMoment(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ at: Date | null }>('select max(at) as at from timeline');
  return rows[0]?.at ?? new Date(0);
}

/**
 * Puts copies in doubt that may have been begun after a backup that was put back: each counts as claimed by an attempt
 * whose time is over, so that its lease is judged (R4); one that waits in its lane is judged when its turn comes. What
 * lies in an inbox may have been read since: it says so.
 *
 * @param begun the copies of which it is known that they were begun, and not how they ended; `all` where nothing is
 */
export async function doubtCopies(
  pool: Pool,
  begun: readonly string[] | 'all',
): Promise<{ doubted: number; handedOver: number }> {
  const { rows } = await pool.query<{ doubted: number; handedOver: number }>(
    `with doubted as (
       update delivery set
         state = case when state = 'queued' then 'queued' else 'claimed' end,
         attempts = attempts + case when state = 'ready' then 1 else 0 end,
         attempt_id = case when state = 'ready' then $2 else attempt_id end,
         claimed_at = case when state = 'ready' then ledger_now() else claimed_at end,
         started_at = coalesce(case when state = 'claimed' then started_at end, ledger_now()),
         not_after = ledger_now(), timeout_ms = 0,
         head_since = case when state = 'queued' then head_since else coalesce(head_since, ledger_now()) end
       where (state in ('claimed', 'queued') or (state = 'ready' and due_at <= ledger_now()))
         and ($1::uuid[] is null or delivery_id = any($1))
       returning 1),
     read as (update delivery set possible_repeat = true where state = 'handed-over' returning 1)
     select (select count(*)::integer from doubted) as doubted, (select count(*)::integer from read) as "handedOver"`,
    [begun === 'all' ? null : begun, UNKNOWN_ATTEMPT],
  );
  return rows[0] ?? { doubted: 0, handedOver: 0 };
}
