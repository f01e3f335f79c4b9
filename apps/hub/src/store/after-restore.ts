import type { Pool } from 'pg';
import { MIGRATION_LOCK } from './migrate.js';
import { UNKNOWN_ATTEMPT } from './read-attempts.js';

/** The last moment that a restored ledger knows of; null for an empty one. */
export async function readLastMoment(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>('select max(at) as at from timeline');
  return rows[0]?.at ?? null;
}

/**
 * Once, on a ledger that was put back from a backup, before anything is claimed: every copy that was on its way then, or
 * could have gone since, counts as claimed by an attempt whose time is over, and its lease is judged like any other. What
 * lies in an inbox may have been read since: it says so.
 *
 * @param provable the facts since the backup will be read again, so that silence means "never begun"; else every such
 * attempt counts as begun, and its copy is uncertain (R4)
 */
export async function afterRestore(
  pool: Pool,
  provable: boolean,
): Promise<{ doubted: number; handedOver: number }> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const doubted = await client.query(
      `update delivery set state = 'claimed',
         attempts = attempts + case when state = 'ready' then 1 else 0 end,
         attempt_id = case when state = 'ready' then $1 else attempt_id end,
         claimed_at = case when state = 'ready' then ledger_now() else claimed_at end,
         started_at = case when state = 'claimed' then started_at end,
         not_after = ledger_now(), timeout_ms = 0, head_since = coalesce(head_since, ledger_now())
       where state = 'claimed' or (state = 'ready' and due_at <= ledger_now())`,
      [UNKNOWN_ATTEMPT],
    );
    if (!provable)
      await client.query(
        `update delivery set started_at = coalesce(started_at, claimed_at) where state = 'claimed'`,
      );
    const handedOver = await client.query(
      `update delivery set possible_repeat = true where state = 'handed-over'`,
    );
    await client.query('commit');
    return { doubted: doubted.rowCount ?? 0, handedOver: handedOver.rowCount ?? 0 };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Whether a copy that the restore put in doubt still waits for its judgement. */
export async function hasDoubts(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from delivery where state = 'claimed' and timeout_ms = 0 limit 1`,
  );
  return (rowCount ?? 0) > 0;
}
