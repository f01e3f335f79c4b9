import type { Pool } from 'pg';
import type { Alert } from './alerts.js';

/**
 * How far a follower has read: by (transaction, id), and never past the oldest transaction under way. "Greater than the
 * last id" would lose rows that commit late.
 */
export interface Position {
  tx: string;
  id: string;
}

/** The position from which only what happens from now on is read. */
export async function startOfFollowing(pool: Pool): Promise<Position> {
  const { rows } = await pool.query<{ tx: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as tx',
  );
  return { tx: rows[0]?.tx ?? '0', id: '' };
}

const MOST = 500;

/** New timeline rows, without anything personal: stations, ids and codes. */
export async function followTimeline(
  pool: Pool,
  from: Position,
): Promise<{ rows: object[]; position: Position }> {
  const { rows } = await pool.query(
    `select tx::text as tx, id::text as id, at, stations, message_id as "messageId", delivery_id as "deliveryId",
            case_ref as "caseRef", partner
     from timeline
     where (tx, id) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
     order by tx, id limit ${MOST}`,
    [from.tx, from.id === '' ? '-1' : from.id],
  );
  return paged(rows, from, ({ tx: _tx, id: _id, ...row }) => row);
}

/** New alerts. */
export async function followAlerts(
  pool: Pool,
  from: Position,
): Promise<{ rows: object[]; position: Position }> {
  const { rows } = await pool.query<Alert & { tx: string; id: string }>(
    `select tx::text as tx, alert_id::text as id, alert_id as "alertId", at, key, severity, kind, owner,
            message_id as "messageId", delivery_id as "deliveryId", case_ref as "caseRef", partner, text, due_at as "dueAt"
     from alert
     where (tx, alert_id) > ($1::xid8, $2::uuid) and tx < pg_snapshot_xmin(pg_current_snapshot())
     order by tx, alert_id limit ${MOST}`,
    [from.tx, from.id === '' ? '00000000-0000-0000-0000-000000000000' : from.id],
  );
  return paged(rows, from, ({ tx: _tx, id: _id, ...row }) => row);
}

function paged<Row extends { tx: string; id: string }>(
  rows: Row[],
  from: Position,
  view: (row: Row) => object,
): { rows: object[]; position: Position } {
  const last = rows.at(-1);
  return { rows: rows.map(view), position: last ? { tx: last.tx, id: last.id } : from };
}
