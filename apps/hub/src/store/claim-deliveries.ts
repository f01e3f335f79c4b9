import type { Pool } from 'pg';
import type { ConsentStatement } from '#contracts';
import { HOT } from './hot.js';

export type Stream = 'ordinary' | 'urgent';

/** One claimed delivery with all that dispatch needs to check, derive and carry it. */
export interface ClaimedDelivery {
  deliveryId: string;
  messageId: string;
  partner: string;
  role: string;
  origin: string;
  type: string;
  band: number;
  /** The claim's token and the attempt's name. */
  attemptId: string;
  attempt: number;
  /** Ledger time of the claim. */
  claimedAt: Date;
  /** Ledger time, RFC 3339. */
  notAfter: string;
  acceptedAt: string;
  /** Since when it heads its lane (give-up counts from here). */
  headSince: string;
  caseRef: string | null;
  caseSeq: number | null;
  possibleRepeat: boolean;
  test: boolean;
  /** The recipient's own reference of the case. */
  partnerCaseRef: string | null;
  sealed: Buffer;
  /** Statements of the case, in accept order. */
  consents: ConsentStatement[];
  /** Of this case nobody may learn where the person is. */
  restricted: boolean;
  /** Its message was taken back: it leaves no more. */
  recalled: boolean;
}

/** What deriving a copy needs of a delivery; the inbox reads the same. */
export type CopyFacts = Pick<
  ClaimedDelivery,
  | 'deliveryId'
  | 'messageId'
  | 'partner'
  | 'type'
  | 'caseRef'
  | 'caseSeq'
  | 'partnerCaseRef'
  | 'possibleRepeat'
  | 'sealed'
  | 'consents'
  | 'restricted'
  | 'recalled'
>;

export interface Claim {
  claimed: ClaimedDelivery[];
  /** Another process holds the gate this moment: ask again soon. */
  busy: boolean;
}

/**
 * Claims what is ready and due for one partner, as much as its window has room for. The gate row's lock makes the
 * window exact over any number of processes. A resting gate lets exactly one probe through when its rest is over.
 *
 * @param leaseMs until when the attempt must have begun
 */
export async function claimDeliveries(
  pool: Pool,
  partner: string,
  stream: Stream,
  options: { leaseMs: number; timeoutMs: number; carried: boolean },
): Promise<Claim> {
  const { rows } = await pool.query<Row>({
    name: 'claim_deliveries',
    text: 'select * from claim_deliveries($1, $2, $3, $4, $5)',
    values: [partner, stream, options.leaseMs, options.timeoutMs, options.carried],
  });
  if (rows.length === 1 && rows[0]?.delivery_id === null) return { claimed: [], busy: true };
  return { claimed: rows.map(claimedDelivery), busy: false };
}

interface Row {
  delivery_id: string | null;
  message_id: string;
  partner: string;
  role: string;
  origin: string;
  type: string;
  band: number;
  attempt_id: string;
  attempts: number;
  claimed_at: Date;
  not_after: Date;
  accepted_at: Date;
  head_since: Date;
  case_ref: string | null;
  case_seq: string | null;
  possible_repeat: boolean;
  test: boolean;
  partner_case_ref: string | null;
  sealed: Buffer;
  consents: ConsentStatement[] | null;
  restricted: boolean;
  recalled: boolean;
}

function claimedDelivery(row: Row): ClaimedDelivery {
  return {
    deliveryId: row.delivery_id as string,
    messageId: row.message_id,
    partner: row.partner,
    role: row.role,
    origin: row.origin,
    type: row.type,
    band: row.band,
    attemptId: row.attempt_id,
    attempt: row.attempts,
    claimedAt: row.claimed_at,
    notAfter: row.not_after.toISOString(),
    acceptedAt: row.accepted_at.toISOString(),
    headSince: row.head_since.toISOString(),
    caseRef: row.case_ref,
    caseSeq: row.case_seq === null ? null : Number(row.case_seq),
    possibleRepeat: row.possible_repeat,
    test: row.test,
    partnerCaseRef: row.partner_case_ref,
    sealed: row.sealed,
    consents: row.consents ?? [],
    restricted: row.restricted,
    recalled: row.recalled,
  };
}

const shut = `(g.state in ('paused', 'closed') or (g.state = 'resting' and g.until > t))`;
const room = `(case when g.state = 'resting' then 1 else g.window_now end - (
    select count(*) from delivery d where d.partner = p_partner and d.state = 'claimed' and d.band = any(bands)))`;

export const claimDeliveriesSql = `
create or replace function claim_deliveries(p_partner text, p_stream text, p_lease_ms integer, p_timeout_ms integer,
                                            p_carried boolean)
returns table (delivery_id uuid, message_id uuid, partner text, role text, origin text, type text, band smallint,
               attempt_id uuid, attempts integer, claimed_at timestamptz, not_after timestamptz, accepted_at timestamptz,
               head_since timestamptz, case_ref text, case_seq bigint, possible_repeat boolean, test boolean,
               partner_case_ref text, sealed bytea, consents jsonb, restricted boolean, recalled boolean)
language plpgsql rows 8 ${HOT} as $$
#variable_conflict use_column
declare
  g gate;
  room integer;
  t timestamptz := ledger_now();
  picked uuid[] := '{}';
  more uuid[];
  bands smallint[];
  b smallint;
begin
  bands := case when p_stream = 'urgent' then array[0] else array[1, 2] end;
  -- A look before the lock: to lock the gate is a write, with a commit to wait for.
  select * into g from gate where gate.partner = p_partner and gate.stream = p_stream;
  if not found or ${shut} or ${room} <= 0 or not exists (
    select 1 from delivery d
    where d.partner = p_partner and d.state = 'ready' and d.band = any(bands) and d.due_at <= t)
  then
    return;
  end if;

  select * into g from gate where gate.partner = p_partner and gate.stream = p_stream for update skip locked;
  if not found then
    -- One row without an id says busy.
    return query select null::uuid, null::uuid, null, null, null, null, null::smallint, null::uuid, null::integer,
      null::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz, null, null::bigint, null::boolean, null::boolean,
      null, null::bytea, null::jsonb, null::boolean, null::boolean;
    return;
  end if;
  if ${shut} then
    return;
  end if;
  room := ${room};
  foreach b in array bands loop
    exit when room <= 0;
    select coalesce(array_agg(x.delivery_id), '{}') into more from (
      select d.delivery_id from delivery d
      where d.partner = p_partner and d.state = 'ready' and d.band = b and d.due_at <= t
      order by d.due_at limit room for update skip locked) x;
    picked := picked || more;
    room := room - cardinality(more);
  end loop;
  if picked = '{}' then
    return;
  end if;
  if g.state = 'resting' then
    -- The probe is out: nobody else claims until its lease could be over.
    update gate set until = t + make_interval(secs => (p_lease_ms + p_timeout_ms) / 1000.0)
    where gate.partner = p_partner and gate.stream = p_stream;
  end if;

  return query
  with c as (
    update delivery d set
      state = 'claimed', attempt_id = gen_random_uuid(), attempts = d.attempts + 1, claimed_at = t,
      started_at = case when p_carried then null else t end,
      not_after = t + make_interval(secs => p_lease_ms / 1000.0), timeout_ms = p_timeout_ms,
      head_since = coalesce(d.head_since, t),
      -- What was said of the case later than this, this attempt knew nothing of, whatever the clocks say.
      case_seen = (select k.next_seq from cases k where k.case_ref = d.case_ref)
    where d.delivery_id = any(picked)
    returning d.*)
  -- Each body and case is looked up by its key; a join might be planned to read a whole table.
  select c.delivery_id, c.message_id, c.partner, c.role, c.origin, c.type, c.band, c.attempt_id, c.attempts, c.claimed_at, c.not_after,
         c.accepted_at, c.head_since, c.case_ref, c.case_seq, c.possible_repeat, c.test,
         (select p.partner_case_ref from partner_case p where p.case_ref = c.case_ref and p.partner = c.partner limit 1),
         (select b.sealed from body b where b.message_id = c.message_id),
         (select jsonb_agg(jsonb_build_object('status', k.status, 'party', k.party, 'dataClass', k.data_class,
                                              'purpose', k.purpose, 'messageId', k.message_id) order by k.seq)
          from consent k where k.case_ref = c.case_ref),
         coalesce((select r.restricted_since is not null from cases r where r.case_ref = c.case_ref), false),
         c.recalled
  from c
  order by c.due_at;
end $$;
`;
