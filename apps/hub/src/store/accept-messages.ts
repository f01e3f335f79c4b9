import type { Pool } from 'pg';
import type { ConsentStatement, FaultCode } from '#contracts';
import type { NewAlert } from './settle-deliveries.js';

/** One message, routed and sealed, as accept writes it. Times are ledger time, RFC 3339. */
export interface AcceptRow {
  messageId: string;
  source: string;
  /** The sender's own id. */
  externalId: string;
  /** HMAC of the canonical envelope (R2). */
  digest: Buffer;
  /** The Receipt, byte for byte as every repeat will get it. */
  receipt: string;
  sealed: Buffer;
  type: string;
  band: number;
  acceptedAt: string;
  sender: string;
  caseRef: string | null;
  /** Set when the case begins with this message. */
  opens: { owner: string; ownerPartner: string; provisional: boolean; dueAt: string } | null;
  /** The sender's reference, to be bound to the case. */
  partnerCaseRef: string | null;
  causationId: string | null;
  basis: string | null;
  answer: string;
  test: boolean;
  facts: Record<string, unknown>;
  decision: unknown;
  findings: unknown;
  /** The case's new owner, where this message is the recorded acceptance; `from` a later moment, or at once. */
  owner: { owner: string; ownerPartner: string; dueAt: string; from: string | null } | null;
  consents: ConsentStatement[];
  clocks: ClockRow[];
  deliveries: DeliveryRow[];
  /** What a person is told of it. */
  alerts: NewAlert[];
}

export interface ClockRow {
  name: string;
  owner: string;
  stops: string[];
  dueAt: string;
  /** When the first warning is due (half-way). */
  nextAt: string;
  policy: string;
}

export interface DeliveryRow {
  deliveryId: string;
  partner: string;
  role: string;
  asks: boolean;
  /** The lane that it waits in; null stands outside lanes. */
  laneKey: string | null;
  /** `ready`, or where it cannot go on: `blocked` or `parked` with the fault. */
  state: 'ready' | 'blocked' | 'parked';
  owner: string;
  dueAt: string;
  fault: { code: FaultCode; stage: string; detail: string } | null;
}

/** Where a topic's partition goes on after this batch. */
export interface IntakeOffset {
  topic: string;
  partition: number;
  nextOffset: string;
}

export interface Accepted {
  /** Ids of the messages that this call made; the others existed before. */
  fresh: Set<string>;
  /** Partners that now have ready work. */
  wake: string[];
}

/** Another transaction bound the same (partner, partnercaseref) to another case first: read the context again. */
export const CASE_RACED = 'HB001';

/**
 * The whole of accept in one transaction: keys, cases, lanes, messages, bodies, deliveries, consents, clocks, receipts,
 * timeline and, from Kafka, offsets. Rows whose key exists are left out. Locks are taken in one order (keys, cases,
 * lanes, each sorted), so that two batches cannot deadlock. Throws what PostgreSQL throws; nothing is half done.
 */
export async function acceptMessages(
  pool: Pool,
  rows: readonly AcceptRow[],
  offsets: readonly IntakeOffset[] = [],
): Promise<Accepted> {
  let at = 1;
  const messages = rows.map((row, i) => {
    const { digest, sealed, deliveries: _d, consents: _c, clocks: _k, alerts: _a, ...rest } = row;
    const from = at;
    at += sealed.length;
    return {
      ...rest,
      ord: i,
      digest: digest.toString('base64'),
      off: from,
      len: sealed.length,
      copies: row.deliveries.length,
      clocked: row.clocks.length > 0,
    };
  });
  const batch = {
    messages,
    deliveries: rows.flatMap((row) =>
      row.deliveries.map((d) => ({
        ...d,
        ...(d.fault && { code: d.fault.code, stage: d.fault.stage, detail: d.fault.detail }),
        messageId: row.messageId,
      })),
    ),
    consents: rows.flatMap((row) => row.consents.map((c) => ({ ...c, messageId: row.messageId }))),
    clocks: rows.flatMap((row) => row.clocks.map((c) => ({ ...c, messageId: row.messageId }))),
    alerts: rows.flatMap((row) =>
      row.alerts.map((a) => ({ ...a, messageId: row.messageId, caseRef: row.caseRef, partner: row.sender })),
    ),
    offsets,
  };
  const { rows: result } = await pool.query<{ fresh: string[] | null; wake: string[] | null }>({
    name: 'accept_messages',
    text: 'select fresh, wake from accept_messages($1::jsonb, $2::bytea)',
    values: [JSON.stringify(batch), Buffer.concat(rows.map((row) => row.sealed))],
  });
  return { fresh: new Set(result[0]?.fresh ?? []), wake: result[0]?.wake ?? [] };
}

export const acceptMessagesSql = `
create or replace function accept_messages(batch jsonb, blob bytea, out fresh uuid[], out wake text[])
language plpgsql as $$
declare bases jsonb;
begin
  -- 1. Keys: whoever inserts first makes the message; a concurrent twin waits here and is left out.
  with made as (
    insert into message_key (source, id, digest, message_id, receipt)
    select source, "externalId", decode(digest, 'base64'), "messageId", receipt
    from jsonb_to_recordset(batch->'messages')
      as m(source text, "externalId" text, digest text, "messageId" uuid, receipt text)
    order by source, "externalId"
    on conflict do nothing
    returning message_id)
  select coalesce(array_agg(message_id), '{}') into fresh from made;

  if batch->'offsets' <> '[]'::jsonb then
    insert into intake_offset (topic, partition, next_offset)
    select topic, partition, "nextOffset" from jsonb_to_recordset(batch->'offsets')
      as o(topic text, partition integer, "nextOffset" bigint)
    order by topic, partition
    on conflict (topic, partition) do update set next_offset = greatest(intake_offset.next_offset, excluded.next_offset);
  end if;
  if fresh = '{}' then
    return;
  end if;

  -- 2. Cases: made, then locked in order and counted up, so that case_seq is accept order.
  insert into cases (case_ref, opened_by, opened_at, provisional, test, owner, owner_partner, due_at)
  select "caseRef", "messageId", "acceptedAt", (opens->>'provisional')::boolean, test, opens->>'owner',
         opens->>'ownerPartner', (opens->>'dueAt')::timestamptz
  from jsonb_to_recordset(batch->'messages')
    as m("messageId" uuid, "caseRef" text, "acceptedAt" timestamptz, test boolean, opens jsonb)
  where opens is not null and "messageId" = any(fresh)
  order by "caseRef"
  on conflict do nothing;
  if (select count(*) from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, "caseRef" text, opens jsonb)
      where opens is not null and "messageId" = any(fresh)
        and not exists (select 1 from cases c where c.case_ref = m."caseRef" and c.opened_by = m."messageId")) > 0
  then
    -- A drawn reference that is another child's case already: draw again.
    raise exception 'case-raced' using errcode = '${CASE_RACED}';
  end if;

  insert into partner_case (partner, partner_case_ref, case_ref)
  select sender, "partnerCaseRef", "caseRef"
  from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, sender text, "partnerCaseRef" text, "caseRef" text)
  where "partnerCaseRef" is not null and "messageId" = any(fresh)
  order by 1, 2
  on conflict do nothing;
  if exists (
    select 1 from jsonb_to_recordset(batch->'messages')
      as m("messageId" uuid, sender text, "partnerCaseRef" text, "caseRef" text)
    join partner_case p on p.partner = m.sender and p.partner_case_ref = m."partnerCaseRef"
    where m."messageId" = any(fresh) and p.case_ref <> m."caseRef")
  then
    raise exception 'case-raced' using errcode = '${CASE_RACED}';
  end if;

  with want as (
    select "caseRef" as case_ref, count(*) as n,
           max("acceptedAt") as at,
           (array_agg(owner order by ord desc) filter (where owner is not null))[1] as owner
    from jsonb_to_recordset(batch->'messages')
      as m("messageId" uuid, ord integer, "caseRef" text, "acceptedAt" timestamptz, owner jsonb)
    where "caseRef" is not null and "messageId" = any(fresh)
    group by 1),
  locked as (
    select c.case_ref from cases c join want w using (case_ref) order by c.case_ref for update of c),
  bumped as (
    update cases c set next_seq = c.next_seq + w.n,
      owner = case when w.owner->>'from' is null then coalesce(w.owner->>'owner', c.owner) else c.owner end,
      owner_partner = case when w.owner->>'from' is null then coalesce(w.owner->>'ownerPartner', c.owner_partner)
                           else c.owner_partner end,
      next_owner = case when w.owner is not null then case when w.owner->>'from' is not null then w.owner->>'owner' end
                        else c.next_owner end,
      next_owner_partner = case when w.owner is not null then case when w.owner->>'from' is not null then w.owner->>'ownerPartner' end
                                else c.next_owner_partner end,
      next_owner_from = case when w.owner is not null then (w.owner->>'from')::timestamptz else c.next_owner_from end,
      due_at = coalesce((w.owner->>'dueAt')::timestamptz, c.due_at)
    from want w, locked l where c.case_ref = w.case_ref and l.case_ref = c.case_ref
    returning c.case_ref, c.next_seq - w.n as base)
  select coalesce(jsonb_object_agg(case_ref, base), '{}') into bases from bumped;

  -- 3. Messages and bodies.
  insert into message (message_id, source, external_id, type, band, accepted_at, case_ref, case_seq, causation_id, basis,
                       answer, test, facts, decision, findings)
  select "messageId", source, "externalId", type, band, "acceptedAt", "caseRef",
         (bases->>"caseRef")::bigint + row_number() over (partition by "caseRef" order by ord),
         "causationId", basis, answer, test, facts, decision, nullif(findings, 'null')
  from jsonb_to_recordset(batch->'messages')
    as m("messageId" uuid, ord integer, source text, "externalId" text, type text, band smallint,
         "acceptedAt" timestamptz, "caseRef" text, "causationId" uuid, basis text, answer text, test boolean,
         facts jsonb, decision jsonb, findings jsonb)
  where "messageId" = any(fresh);

  insert into body (message_id, sealed)
  select "messageId", substring(blob from off for len)
  from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, off integer, len integer)
  where "messageId" = any(fresh);

  -- 4. Lanes, locked in order, and deliveries; the accept order of a lane is its own counter under that lock.
  with d as (
    select d.*, row_number() over () as ord
    from jsonb_to_recordset(batch->'deliveries')
      as d("messageId" uuid, "deliveryId" uuid, partner text, role text, asks boolean, "laneKey" text, state text,
           owner text, "dueAt" timestamptz, code text, stage text, detail text)
    where "messageId" = any(fresh)),
  want as (
    select partner, "laneKey" as lane_key, count(*) as n,
           (array_agg("deliveryId" order by ord))[1] as first
    from d where "laneKey" is not null group by 1, 2),
  lanes as (
    insert into lane as l (partner, lane_key, next_seq, head)
    select partner, lane_key, n, first from want order by 1, 2
    on conflict (partner, lane_key) do update
      set next_seq = l.next_seq + excluded.next_seq, head = coalesce(l.head, excluded.head)
    returning l.partner, l.lane_key, l.next_seq, l.head),
  made as (
    insert into delivery (delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref,
                          case_seq, lane_key, lane_seq, state, due_at, owner, head_since, fault_code, fault_stage,
                          fault_detail)
    select d."deliveryId", d."messageId", d.partner, d.role, m.sender, m.type, m.band, d.asks, m.test, m."acceptedAt",
           m."caseRef", x.case_seq, d."laneKey",
           l.next_seq - w.n + row_number() over (partition by d.partner, d."laneKey" order by d.ord),
           case when l.head is not null and l.head <> d."deliveryId" and d.state <> 'parked' then 'queued' else d.state end,
           d."dueAt", d.owner,
           case when l.head is null or l.head = d."deliveryId" then m."acceptedAt" end,
           d.code, d.stage, d.detail
    from d
    join jsonb_to_recordset(batch->'messages')
      as m("messageId" uuid, sender text, type text, band smallint, test boolean, "acceptedAt" timestamptz, "caseRef" text)
      on m."messageId" = d."messageId"
    join message x on x.message_id = d."messageId"
    left join lanes l on l.partner = d.partner and l.lane_key = d."laneKey"
    left join want w on w.partner = d.partner and w.lane_key = d."laneKey"
    returning partner, state)
  select array_agg(distinct partner) filter (where state = 'ready') into wake from made;

  insert into case_party (case_ref, partner)
  select m."caseRef", m.sender from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, sender text, "caseRef" text)
  where m."caseRef" is not null and m."messageId" = any(fresh) and m.sender <> 'hub'
  union
  select m."caseRef", d.partner
  from jsonb_to_recordset(batch->'deliveries') as d("messageId" uuid, partner text)
  join jsonb_to_recordset(batch->'messages') as m("messageId" uuid, "caseRef" text) using ("messageId")
  where m."caseRef" is not null and "messageId" = any(fresh)
  order by 1, 2
  on conflict do nothing;

  -- 5. What the contract asks for besides: consent, clocks, receipts.
  if batch->'consents' <> '[]'::jsonb then
    insert into consent (case_ref, party, data_class, purpose, status, message_id, at)
    select m."caseRef", c.party, c."dataClass", c.purpose, c.status, c."messageId", m."acceptedAt"
    from jsonb_to_recordset(batch->'consents')
      as c("messageId" uuid, party text, "dataClass" text, purpose text, status text)
    join jsonb_to_recordset(batch->'messages') as m("messageId" uuid, "caseRef" text, "acceptedAt" timestamptz)
      using ("messageId")
    where m."caseRef" is not null and "messageId" = any(fresh);
    -- What waited for consent is looked at again.
    with again as (
      update delivery d set state = 'ready', due_at = ledger_now(), fault_code = null, fault_stage = null, fault_detail = null
      from jsonb_to_recordset(batch->'consents') as c("messageId" uuid)
      join message m on m.message_id = c."messageId"
      where c."messageId" = any(fresh) and d.state = 'blocked' and d.fault_code = 'consent/not-recorded'
        and d.message_id in (select b.message_id from message b where b.case_ref = m.case_ref)
      returning d.partner)
    select wake || array_agg(distinct partner) into wake from again;
  end if;

  if batch->'clocks' <> '[]'::jsonb then
    insert into clock (name, message_id, case_ref, owner, stops, started_at, due_at, next_at, policy)
    select c.name, c."messageId", m."caseRef", c.owner, array(select jsonb_array_elements_text(c.stops)), m."acceptedAt",
           c."dueAt", c."nextAt", c.policy
    from jsonb_to_recordset(batch->'clocks')
      as c("messageId" uuid, name text, owner text, stops jsonb, "dueAt" timestamptz, "nextAt" timestamptz, policy text)
    join jsonb_to_recordset(batch->'messages') as m("messageId" uuid, "caseRef" text, "acceptedAt" timestamptz)
      using ("messageId")
    where "messageId" = any(fresh);
  end if;
  with stopped as (
    update clock k set state = 'stopped'
    from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, "causationId" uuid, type text, "acceptedAt" timestamptz)
    where m."causationId" is not null and m."messageId" = any(fresh) and k.message_id = m."causationId"
      and k.state in ('running', 'breached') and substring(m.type from '^mta\\.(.*)\\.v[0-9]+$') = any(k.stops)
    returning k.name, k.message_id, k.case_ref, m."acceptedAt" as at)
  insert into timeline (at, stations, message_id, case_ref, detail)
  select at, '{clock.stopped}', message_id, case_ref, jsonb_build_object('clock', name) from stopped;

  insert into receipt (message_id, remaining, due)
  select "messageId", copies, copies = 0
  from jsonb_to_recordset(batch->'messages') as m("messageId" uuid, answer text, copies integer)
  where answer = 'receipt' and "messageId" = any(fresh);

  if batch->'alerts' <> '[]'::jsonb then
    insert into alert (at, key, severity, kind, owner, message_id, case_ref, partner, text, next_at)
    select ledger_now(), key, severity, kind, owner, "messageId", "caseRef", partner, text, ledger_now()
    from jsonb_to_recordset(batch->'alerts')
      as a(key text, severity text, kind text, owner text, "messageId" uuid, "caseRef" text, partner text, text text)
    where "messageId" = any(fresh)
    on conflict (key) do nothing;
  end if;

  -- 6. The record.
  insert into timeline (at, stations, message_id, case_ref, partner, detail)
  select "acceptedAt",
         array['hub.received', 'hub.accepted', 'hub.routed']
           || case when owner is not null and owner->>'from' is null then array['owner.changed'] else '{}' end
           || case when clocked then array['clock.started'] else '{}' end,
         "messageId", "caseRef", sender,
         case when owner is not null then jsonb_strip_nulls(jsonb_build_object('owner', owner->>'owner', 'from', owner->>'from')) end
  from jsonb_to_recordset(batch->'messages')
    as m("messageId" uuid, "caseRef" text, "acceptedAt" timestamptz, sender text, owner jsonb, clocked boolean)
  where "messageId" = any(fresh);
end $$;
`;
