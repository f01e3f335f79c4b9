import type { Pool } from 'pg';
import { UNKNOWN_ATTEMPT } from './read-attempts.js';

/**
 * The last moment that the ledger knew when it was put back, while it is being taken up: from now on (`restored`), or still,
 * because whoever began it died on the way. By then the timeline has grown, so that moment is kept.
 */
export async function beginRestore(pool: Pool, restored: boolean): Promise<Date | undefined> {
  if (restored)
    await pool.query(
      `insert into restore (restored_to) select coalesce(max(at), 'epoch') from timeline
       having not exists (select from restore where taken_up_at is null)`,
    );
  const { rows } = await pool.query<{ at: Date }>(
    'select min(restored_to) as at from restore where taken_up_at is null having count(*) > 0',
  );
  return rows[0]?.at;
}

/**
 * Ends the taking up: puts copies in doubt that may have been begun after the backup. Each counts as claimed by an attempt
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
         case_seen = case when state = 'ready' then null else case_seen end,
         started_at = coalesce(case when state = 'claimed' then started_at end, ledger_now()),
         not_after = ledger_now(), timeout_ms = 0,
         head_since = case when state = 'queued' then head_since else coalesce(head_since, ledger_now()) end
       where (state in ('claimed', 'queued') or (state = 'ready' and due_at <= ledger_now()))
         and ($1::uuid[] is null or delivery_id = any($1))
       returning 1),
     read as (update delivery set possible_repeat = true where state = 'handed-over' returning 1),
     ended as (update restore set taken_up_at = ledger_now() where taken_up_at is null)
     select (select count(*)::integer from doubted) as doubted, (select count(*)::integer from read) as "handedOver"`,
    [begun === 'all' ? null : begun, UNKNOWN_ATTEMPT],
  );
  return rows[0] ?? { doubted: 0, handedOver: 0 };
}
