import type { Pool } from 'pg';

/** What a `hub.receipt` says of one message: a line per recipient. */
export interface DueReceipt {
  messageId: string;
  source: string;
  caseRef: string | null;
  test: boolean;
  safety: boolean;
  type: string;
  told: number;
  complete: boolean;
  /** The version of the row that was read: whatever happens to the message afterwards makes another. */
  version: string;
  lines: { deliveryId: string; partner: string; state: string; at: string; code: string | null }[];
}

/** Messages whose origin is to be told now, a page of them after a message's id. The rows stay until `receiptTold`. */
export async function readDueReceipts(
  pool: Pool,
  page: { after: string; limit: number },
): Promise<DueReceipt[]> {
  const { rows } = await pool.query(
    `select r.message_id as "messageId", m.source, m.case_ref as "caseRef", m.test, m.type, m.band = 0 as safety, r.told,
       r.xmin::text as version,
       not exists (select 1 from delivery d where d.message_id = r.message_id) as complete,
       (select coalesce(jsonb_agg(jsonb_build_object('deliveryId', x.delivery_id, 'partner', x.partner, 'state', x.state,
                                                     'at', to_char(x.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                                     'code', x.fault_code)
                                  order by x.partner, x.delivery_id), '[]')
        from (select delivery_id, partner, state, accepted_at as at, fault_code from delivery where message_id = r.message_id
              union all
              select delivery_id, partner, state, ended_at, case when state <> 'acknowledged' then fault_code end
              from delivery_ended where message_id = r.message_id) x) as lines
     from receipt r join message m on m.message_id = r.message_id
     where r.due and r.message_id > $1 order by r.message_id limit $2`,
    [page.after, page.limit],
  );
  return rows as DueReceipt[];
}

/**
 * The receipt of this number has been accepted. Where it was made before (`fresh` false), or where something happened
 * since it was read, it may have said less than is known now: then it stays due under the next number.
 */
export async function receiptTold(
  pool: Pool,
  { messageId, told, version }: Pick<DueReceipt, 'messageId' | 'told' | 'version'>,
  fresh: boolean,
): Promise<void> {
  await pool.query(
    `update receipt set due = not $3::boolean or xmin::text <> $4, told = $2 + 1 where message_id = $1 and told = $2`,
    [messageId, told, fresh, version],
  );
}
