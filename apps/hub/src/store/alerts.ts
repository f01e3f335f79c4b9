import type { Pool } from 'pg';
import type { NewAlert } from './settle-deliveries.js';

/** What a person must be told; kept until somebody took it. */
export interface Alert {
  alertId: string;
  at: string;
  key: string;
  severity: 'info' | 'warning' | 'urgent';
  kind: string;
  owner: string;
  messageId: string | null;
  deliveryId: string | null;
  caseRef: string | null;
  partner: string | null;
  text: string;
  /** Set for a task: by when it is to be done. */
  dueAt: string | null;
}

const columns = `alert_id as "alertId", at, key, severity, kind, owner, message_id as "messageId", delivery_id as "deliveryId",
  case_ref as "caseRef", partner, text, due_at as "dueAt"`;

/** Writes an alert; the same key again changes nothing. */
export async function raiseAlert(
  pool: Pool,
  alert: NewAlert & { messageId?: string; caseRef?: string | null; partner?: string },
): Promise<void> {
  await pool.query(
    `insert into alert (at, key, severity, kind, owner, message_id, case_ref, partner, text, due_at, next_at)
     values (ledger_now(), $1, $2, $3, $4, $5, $6, $7, $8, $9, ledger_now()) on conflict (key) do nothing`,
    [
      alert.key,
      alert.severity,
      alert.kind,
      alert.owner,
      alert.messageId ?? null,
      alert.caseRef ?? null,
      alert.partner ?? null,
      alert.text,
      alert.dueAt ?? null,
    ],
  );
}

/** Takes alerts that are to be sent now and puts each off by a minute, so that one process sends each. */
export async function takeUnsentAlerts(pool: Pool, limit: number): Promise<Alert[]> {
  const { rows } = await pool.query(
    `update alert set next_at = ledger_now() + interval '60 seconds'
     where alert_id in (select alert_id from alert where sent_at is null and next_at <= ledger_now()
                        order by severity = 'urgent' desc, at limit $1 for update skip locked)
     returning ${columns}`,
    [limit],
  );
  return rows as Alert[];
}

export async function alertSent(pool: Pool, alertId: string): Promise<void> {
  await pool.query('update alert set sent_at = ledger_now() where alert_id = $1', [alertId]);
}

/** The latest alerts, newest first. */
export async function readAlerts(pool: Pool, limit: number): Promise<Alert[]> {
  const { rows } = await pool.query(`select ${columns} from alert order by at desc limit $1`, [limit]);
  return rows as Alert[];
}
