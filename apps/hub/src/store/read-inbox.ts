import type { Pool } from 'pg';
import { caseNow, copyColumns, waitingCopy, type CopyRow, type WaitingCopy } from './read-copies.js';

/** A copy that waits in a partner's inbox. */
export interface InboxEntry extends WaitingCopy {
  answer: string;
  /** The form of the copy that was last put there or read. */
  form: string | null;
}

const select = `
select ${copyColumns}, ${caseNow}, m.answer,
  (select t.detail->>'form' from timeline t
   where t.message_id = d.message_id and t.delivery_id = d.delivery_id and t.detail ? 'form' order by t.at desc, t.id desc limit 1) as form
from delivery d join message m on m.message_id = d.message_id join body b on b.message_id = d.message_id`;

/** What waits for a partner, urgent first, then in accept order. */
export async function readInbox(pool: Pool, partner: string, limit: number): Promise<InboxEntry[]> {
  const { rows } = await pool.query<Row>({
    text: `${select} where d.partner = $1 and d.state = 'handed-over' order by d.band, d.message_id limit $2`,
    values: [partner, limit],
  });
  return rows.map(entryOf);
}

/** One copy of a partner's, live or not yet acknowledged; undefined where it has none of this id. */
export async function readInboxEntry(
  pool: Pool,
  partner: string,
  deliveryId: string,
): Promise<InboxEntry | undefined> {
  const { rows } = await pool.query<Row>(`${select} where d.partner = $1 and d.delivery_id = $2`, [
    partner,
    deliveryId,
  ]);
  return rows[0] && entryOf(rows[0]);
}

/** How an ended delivery of a partner's ended. */
export async function readEnded(
  pool: Pool,
  partner: string,
  deliveryId: string,
): Promise<{ state: string; messageId: string } | undefined> {
  const { rows } = await pool.query<{ state: string; messageId: string }>(
    'select state, message_id as "messageId" from delivery_ended where delivery_id = $1 and partner = $2',
    [deliveryId, partner],
  );
  return rows[0];
}

/** Notes that a copy lies in the inbox in another form than before. */
export async function noteReading(
  pool: Pool,
  { messageId, deliveryId, caseRef, partner }: InboxEntry,
  detail: Record<string, unknown>,
): Promise<void> {
  await pool.query(
    `insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
     values (ledger_now(), '{delivery.handed-over}', $1, $2, $3, $4, $5)`,
    [messageId, deliveryId, caseRef, partner, JSON.stringify(detail)],
  );
}

type Row = CopyRow & { answer: string; form: string | null };

function entryOf(row: Row): InboxEntry {
  return { ...waitingCopy(row), answer: row.answer, form: row.form };
}
