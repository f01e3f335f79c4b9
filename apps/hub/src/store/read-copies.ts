import type { Pool } from 'pg';
import type { ConsentStatement } from '#contracts';
import type { CopyFacts } from './claim-deliveries.js';

/** A live delivery with what deriving its copy needs. */
export interface WaitingCopy extends CopyFacts {
  state: string;
  band: number;
  faultCode: string | null;
  uncertain: boolean;
  test: boolean;
  attempt: number;
  attemptId: string | null;
  claimedAt: Date | null;
  dueAt: Date;
  /** Ledger time of the look. */
  now: Date;
}

export const copyColumns = `d.delivery_id, d.message_id, d.partner, d.type, d.band, d.case_ref, d.case_seq, d.possible_repeat, d.recalled,
  d.state, d.fault_code, d.uncertain, d.test, d.attempts, d.attempt_id, d.claimed_at, d.due_at, b.sealed, ledger_now() as now,
  (select p.partner_case_ref from partner_case p where p.case_ref = d.case_ref and p.partner = d.partner limit 1) as partner_case_ref`;

const consents = (of: string): string => `
  (select jsonb_agg(jsonb_build_object('status', k.status, 'party', k.party, 'dataClass', k.data_class, 'purpose', k.purpose,
                                       'messageId', k.message_id) order by k.seq)
   from consent k where k.case_ref = d.case_ref${of}) as consents`;

/** The case as it stands now. */
export const caseNow = `
  coalesce((select c.restricted_since is not null from cases c where c.case_ref = d.case_ref), false) as restricted,${consents('')}`;

/** What the claim could see, in the order of accept; an attempt that the ledger does not know saw what lay there by then. */
const seen = '(m.case_seq <= d.case_seen or d.case_seen is null and m.accepted_at <= d.claimed_at)';

/** The case as it stood when the delivery was claimed. */
const caseAtClaim = `
  coalesce((select (t.detail->>'restricted')::boolean from timeline t join message m on m.message_id = t.message_id
            where t.case_ref = d.case_ref and t.stations = '{case.restricted}' and ${seen}
            order by m.case_seq desc limit 1), false) as restricted,${consents(`
     and exists (select 1 from message m where m.message_id = k.message_id and ${seen})`)}`;

/** Live deliveries, each with its body and what is known of its case, now or when it was claimed. */
export async function readCopies(
  pool: Pool,
  deliveryIds: readonly string[],
  when: 'now' | 'claim',
): Promise<WaitingCopy[]> {
  const { rows } = await pool.query<CopyRow>(
    `select ${copyColumns}, ${when === 'now' ? caseNow : caseAtClaim} from delivery d join body b on b.message_id = d.message_id
     where d.delivery_id = any($1)`,
    [deliveryIds],
  );
  return rows.map(waitingCopy);
}

export interface CopyRow {
  delivery_id: string;
  message_id: string;
  partner: string;
  type: string;
  band: number;
  case_ref: string | null;
  case_seq: string | null;
  possible_repeat: boolean;
  recalled: boolean;
  restricted: boolean;
  state: string;
  fault_code: string | null;
  uncertain: boolean;
  test: boolean;
  attempts: number;
  attempt_id: string | null;
  claimed_at: Date | null;
  due_at: Date;
  sealed: Buffer;
  now: Date;
  partner_case_ref: string | null;
  consents: ConsentStatement[] | null;
}

export function waitingCopy(row: CopyRow): WaitingCopy {
  return {
    deliveryId: row.delivery_id,
    messageId: row.message_id,
    partner: row.partner,
    type: row.type,
    band: row.band,
    caseRef: row.case_ref,
    caseSeq: row.case_seq === null ? null : Number(row.case_seq),
    partnerCaseRef: row.partner_case_ref,
    possibleRepeat: row.possible_repeat,
    recalled: row.recalled,
    restricted: row.restricted,
    sealed: row.sealed,
    consents: row.consents ?? [],
    state: row.state,
    faultCode: row.fault_code,
    uncertain: row.uncertain,
    test: row.test,
    attempt: row.attempts,
    attemptId: row.attempt_id,
    claimedAt: row.claimed_at,
    dueAt: row.due_at,
    now: row.now,
  };
}
