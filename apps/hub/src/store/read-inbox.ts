import type { Pool } from 'pg';
import type { ConsentStatement } from '#contracts';
import type { CopyFacts } from './claim-deliveries.js';

/** A copy that waits in a partner's inbox. */
export interface InboxEntry extends CopyFacts {
  state: string;
  ackBy: Date;
  /** Ledger time of the look. */
  now: Date;
  answer: string;
}

const select = `
select d.delivery_id, d.message_id, d.partner, d.type, d.case_ref, d.case_seq, d.possible_repeat, d.state, d.due_at, m.answer,
  b.sealed, ledger_now() as now,
  (select p.partner_case_ref from partner_case p where p.case_ref = d.case_ref and p.partner = d.partner limit 1) as partner_case_ref,
  (select jsonb_agg(jsonb_build_object('status', k.status, 'party', k.party, 'dataClass', k.data_class, 'purpose', k.purpose) order by k.seq)
   from consent k where k.case_ref = d.case_ref) as consents
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

interface Row {
  delivery_id: string;
  message_id: string;
  partner: string;
  type: string;
  case_ref: string | null;
  case_seq: string | null;
  possible_repeat: boolean;
  state: string;
  due_at: Date;
  answer: string;
  sealed: Buffer;
  now: Date;
  partner_case_ref: string | null;
  consents: ConsentStatement[] | null;
}

function entryOf(row: Row): InboxEntry {
  return {
    deliveryId: row.delivery_id,
    messageId: row.message_id,
    partner: row.partner,
    type: row.type,
    caseRef: row.case_ref,
    caseSeq: row.case_seq === null ? null : Number(row.case_seq),
    partnerCaseRef: row.partner_case_ref,
    possibleRepeat: row.possible_repeat,
    sealed: row.sealed,
    consents: row.consents ?? [],
    state: row.state,
    ackBy: row.due_at,
    now: row.now,
    answer: row.answer,
  };
}
