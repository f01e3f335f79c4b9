import type { Pool } from 'pg';
import { audit } from './dead-letters.js';

/** What a person has to do by a due time: an alert that only its closing ends. */
export interface Task {
  taskId: string;
  at: string;
  kind: string;
  /** The role that answers for it. */
  owner: string;
  dueAt: string;
  overdue: boolean;
  messageId: string | null;
  caseRef: string | null;
  partner: string | null;
  text: string;
}

/** Open tasks, the nearest due first. */
export async function readTasks(
  pool: Pool,
  options: { limit: number; owner: string | null },
): Promise<Task[]> {
  const { rows } = await pool.query(
    `select alert_id as "taskId", at, kind, owner, due_at as "dueAt", due_at < ledger_now() as overdue,
            message_id as "messageId", case_ref as "caseRef", partner, text
     from alert where due_at is not null and closed_at is null and ($2::text is null or owner = $2)
     order by due_at limit $1`,
    [options.limit, options.owner],
  );
  return rows as Task[];
}

/** Ends a task with its result, once; its message's timeline says who ended it and how. */
export async function closeTask(
  pool: Pool,
  close: { taskId: string; by: string; result: string; reason: string },
): Promise<'closed' | 'conflict' | 'not-found'> {
  const { taskId, by, result, reason } = close;
  // The intention is on record before the deed, so that no deed is without a name.
  const { rows } = await pool.query<{ open: boolean }>(
    'select closed_at is null as open from alert where alert_id = $1 and due_at is not null',
    [taskId],
  );
  if (!rows[0]) return 'not-found';
  if (!rows[0].open) return 'conflict';
  await audit(pool, by, 'task.close', taskId, { result, reason });
  const { rowCount } = await pool.query(
    `with closed as (
       update alert set closed_at = ledger_now(), closed_by = $2, result = $3, sent_at = coalesce(sent_at, ledger_now())
       where alert_id = $1 and due_at is not null and closed_at is null returning *)
     insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
     select closed_at, '{task.closed}', message_id, delivery_id, case_ref, partner,
            jsonb_build_object('task', kind, 'result', result, 'by', $2::text, 'reason', $4::text) from closed`,
    [taskId, by, result, reason],
  );
  return rowCount === 1 ? 'closed' : 'conflict';
}

/** Tells the owners of tasks that are past their time, once each. */
export async function tellOverdueTasks(pool: Pool): Promise<void> {
  await pool.query(
    `insert into alert (at, key, severity, kind, owner, message_id, case_ref, partner, text, next_at)
     select ledger_now(), 'overdue:task:' || alert_id, 'warning', 'task.overdue', owner, message_id, case_ref, partner,
            'A task is past its time: ' || text, ledger_now()
     from alert where due_at is not null and closed_at is null and due_at < ledger_now()
     order by alert_id on conflict (key) do nothing`,
  );
}
