import type { Pool } from 'pg';
import type { AcceptRow } from './accept-row.js';
import { HOT } from './hot.js';

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

/**
 * Another transaction was faster: it bound the same (partner, partnercaseref) to another case, a copy of what is recalled
 * has left meanwhile, somebody came to a case whose holders are told, or the case has come to the other area. Read the
 * context again.
 */
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
      holders: undefined,
      digest: digest.toString('base64'),
      off: from,
      len: sealed.length,
      recalls: row.recalls?.messageId ?? null,
      recalledFrom: row.recalls?.partners?.join() ?? null,
      copies: row.deliveries.length,
      clocked: row.clocks.length > 0,
    };
  });
  const batch = {
    says: saidBy(rows),
    messages,
    deliveries: rows
      .flatMap((row) =>
        row.deliveries.map(({ fault, ...delivery }) => ({
          ...delivery,
          ...fault,
          ...placeOf(row),
          sender: row.sender,
          type: row.type,
          band: row.band,
          test: row.test,
        })),
      )
      .map((delivery, ord) => ({ ...delivery, ord })),
    holders: rows.flatMap(knownHolders),
    consents: rows.flatMap((row) => row.consents.map((c) => ({ ...c, ...placeOf(row) }))),
    clocks: rows.flatMap((row) => row.clocks.map((c) => ({ ...c, ...placeOf(row) }))),
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

/** Of a message for all who hold something of its case: whom it goes to, or does not need to. */
function knownHolders({ messageId, caseRef, sender, holders, deliveries }: AcceptRow) {
  if (holders === null || caseRef === null) return [];
  return { messageId, caseRef, known: [sender, ...holders, ...deliveries.map(({ partner }) => partner)] };
}

/** What a batch has at all, so that a statement for what it has not is not even begun. */
function saidBy(rows: readonly AcceptRow[]): string[] {
  const says: Record<string, (row: AcceptRow) => boolean> = {
    opens: (row) => row.opens !== null,
    binds: (row) => row.partnerCaseRef !== null,
    answers: (row) => row.causationId !== null,
    receipts: (row) => row.answer === 'receipt',
    restricts: (row) => row.restricts !== null && row.caseRef !== null,
    recalls: (row) => row.recalls !== null,
    withdraws: (row) => row.consents.some(({ status }) => status !== 'given'),
  };
  return Object.entries(says).flatMap(([what, has]) => (rows.some(has) ? what : []));
}

/** What every row of a message's following carries, so that no join has to find it. */
function placeOf({ messageId, caseRef, acceptedAt }: AcceptRow) {
  return { messageId, caseRef, acceptedAt };
}

/** Types are made once; a changed one needs a migration that alters it. */
export const acceptTypesSql = `
-- The batch's rows, read from JSON once.
create type accept_message as (
  ord integer, "messageId" uuid, source text, "externalId" text, digest text, receipt text, type text, band smallint,
  "acceptedAt" timestamptz, sender text, "caseRef" text, opens jsonb, owner jsonb, "partnerCaseRef" text,
  "causationId" uuid, basis text, answer text, test boolean, facts jsonb, decision jsonb, findings jsonb, restricts boolean,
  recalls uuid, "recalledFrom" text,
  off integer, len integer, copies integer, clocked boolean);
create type accept_delivery as (
  ord integer, "messageId" uuid, "deliveryId" uuid, partner text, role text, asks boolean, "laneKey" text, state text,
  owner text, "dueAt" timestamptz, code text, stage text, detail text, sender text, type text, band smallint,
  test boolean, "acceptedAt" timestamptz, "caseRef" text);
`;

export const acceptMessagesSql = `
create or replace function accept_messages(batch jsonb, blob bytea, out fresh uuid[], out wake text[])
language plpgsql ${HOT} as $$
declare
  ms accept_message[];
  ds accept_delivery[];
  case_refs text[];
  moved boolean;
  seqs jsonb;
  lanes jsonb;
  behind uuid[];
begin
  if not batch ? 'says' then
    -- Of a process of an older release: without it, half of what the batch asks for would be left out in silence.
    raise exception 'accept_messages needs what the batch says: this process is older than the ledger';
  end if;

  -- 1. Keys: whoever inserts first makes the message; a concurrent twin waits here and is left out.
  select array_agg(m) into ms from jsonb_populate_recordset(null::accept_message, batch->'messages') m;
  with made as (
    insert into message_key (source, id, digest, message_id, receipt)
    select source, "externalId", decode(digest, 'base64'), "messageId", receipt from unnest(ms)
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
  if cardinality(fresh) < cardinality(ms) then
    ms := array(select m from unnest(ms) m where m."messageId" = any(fresh) order by m.ord);
  end if;
  select array_agg(d order by d.ord) into ds
  from jsonb_populate_recordset(null::accept_delivery, batch->'deliveries') d where d."messageId" = any(fresh);

  -- 2. Cases: made, then locked in order and counted up, so that case_seq is accept order.
  if batch->'says' ? 'opens' then
    insert into cases (case_ref, opened_by, opened_at, provisional, test, area, owner, owner_partner, due_at)
    select "caseRef", "messageId", "acceptedAt", (opens->>'provisional')::boolean, test, opens->>'area', opens->>'owner',
           opens->>'ownerPartner', (opens->>'dueAt')::timestamptz
    from unnest(ms) where opens is not null
    order by "caseRef"
    on conflict do nothing;
    if exists (select 1 from unnest(ms) m where m.opens is not null
               and m."messageId" is distinct from (select c.opened_by from cases c where c.case_ref = m."caseRef"))
    then
      -- A drawn reference that is another child's case already: draw again.
      raise exception 'case-raced' using errcode = '${CASE_RACED}';
    end if;
  end if;
  if batch->'says' ? 'binds' then
    insert into partner_case (partner, partner_case_ref, case_ref)
    select sender, "partnerCaseRef", "caseRef" from unnest(ms) where "partnerCaseRef" is not null
    order by 1, 2
    on conflict do nothing;
    if exists (select 1 from unnest(ms) m where m."partnerCaseRef" is not null
               and m."caseRef" is distinct from (select p.case_ref from partner_case p
                 where p.partner = m.sender and p.partner_case_ref = m."partnerCaseRef"))
    then
      raise exception 'case-raced' using errcode = '${CASE_RACED}';
    end if;
  end if;

  select array_agg(distinct "caseRef") into case_refs from unnest(ms) where "caseRef" is not null;
  -- Not "for update": that would wait for whoever has just bound a reference to one of them, and he for us.
  with locked as (
    select case_ref, area from cases where case_ref = any(case_refs) order by case_ref for no key update)
  select bool_or(l.area <> m.facts->>'area') into moved from locked l join unnest(ms) m on m."caseRef" = l.case_ref;
  if moved then
    raise exception 'case-raced' using errcode = '${CASE_RACED}';
  end if;
  with want as (
    select "caseRef" as case_ref, count(*) as n,
           (array_agg(owner order by ord desc) filter (where owner is not null))[1] as owner
    from unnest(ms) where "caseRef" is not null group by 1),
  bumped as (
    update cases c set next_seq = c.next_seq + w.n,
      area = case when w.owner->>'from' is null then coalesce(w.owner->>'area', c.area) else c.area end,
      owner = case when w.owner->>'from' is null then coalesce(w.owner->>'owner', c.owner) else c.owner end,
      owner_partner = case when w.owner->>'from' is null then coalesce(w.owner->>'ownerPartner', c.owner_partner)
                           else c.owner_partner end,
      next_area = case when w.owner is not null then case when w.owner->>'from' is not null then w.owner->>'area' end
                       else c.next_area end,
      next_owner = case when w.owner is not null then case when w.owner->>'from' is not null then w.owner->>'owner' end
                        else c.next_owner end,
      next_owner_partner = case when w.owner is not null then case when w.owner->>'from' is not null then w.owner->>'ownerPartner' end
                                else c.next_owner_partner end,
      next_owner_from = case when w.owner is not null then (w.owner->>'from')::timestamptz else c.next_owner_from end,
      due_at = coalesce((w.owner->>'dueAt')::timestamptz, c.due_at)
    from want w where c.case_ref = w.case_ref and c.case_ref = any(case_refs)
    returning c.case_ref, c.next_seq - w.n as base)
  select coalesce(jsonb_object_agg(case_ref, base), '{}') into seqs from bumped;

  -- 3. Messages and bodies.
  with made as (
    insert into message (message_id, source, external_id, type, band, accepted_at, case_ref, case_seq, causation_id,
                         basis, answer, test, facts, decision, findings)
    select "messageId", source, "externalId", type, band, "acceptedAt", "caseRef",
           (seqs->>"caseRef")::bigint + row_number() over (partition by "caseRef" order by ord),
           "causationId", basis, answer, test, facts, decision, findings
    from unnest(ms)
    returning message_id, case_seq)
  select jsonb_object_agg(message_id, case_seq) into seqs from made;

  insert into body (message_id, sealed) select "messageId", substring(blob from off for len) from unnest(ms);

  -- 4. Lanes, locked in order, and deliveries; the accept order of a lane is its own counter under that lock.
  with moved as (
    insert into lane as l (partner, lane_key, next_seq, head)
    select partner, "laneKey", count(*), (array_agg("deliveryId" order by ord))[1]
    from unnest(ds) where "laneKey" is not null group by 1, 2 order by 1, 2
    on conflict (partner, lane_key) do update
      set next_seq = l.next_seq + excluded.next_seq, head = coalesce(l.head, excluded.head)
    returning l.partner, l.lane_key, l.next_seq, l.head)
  select jsonb_object_agg(partner || ' ' || lane_key, jsonb_build_array(next_seq, head)) into lanes from moved;
  with laid as (
    select d.*, (lane->>0)::bigint as next_seq, (lane->>1)::uuid as head
    from unnest(ds) d cross join lateral (select lanes->(d.partner || ' ' || d."laneKey") as lane) l),
  made as (
    insert into delivery (delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref,
                          case_seq, lane_key, lane_seq, state, due_at, owner, head_since, fault_code, fault_stage,
                          fault_detail)
    select "deliveryId", "messageId", partner, role, sender, type, band, asks, test, "acceptedAt", "caseRef",
           (seqs->>"messageId"::text)::bigint, "laneKey",
           next_seq - count(*) over lane + row_number() over (lane order by ord rows unbounded preceding),
           case when head is not null and head <> "deliveryId" and state <> 'parked' then 'queued' else state end,
           "dueAt", owner, case when head is null or head = "deliveryId" then "acceptedAt" end, code, stage, detail
    from laid window lane as (partition by partner, "laneKey")
    returning partner, state, band, delivery_id)
  select array_agg(distinct partner) filter (where state = 'ready'),
         array_agg(delivery_id) filter (where state = 'queued' and band < 2)
  into wake, behind from made;
  if behind is not null then
    -- Whoever waits ahead of a message takes its band, for it can go no sooner than they.
    update delivery d set band = x.band
    from (select ahead.delivery_id, min(f.band) as band
          from delivery f
          cross join lateral (
            select head as delivery_id from lane where partner = f.partner and lane_key = f.lane_key
            union all
            select q.delivery_id from delivery q
            where q.partner = f.partner and q.lane_key = f.lane_key and q.state = 'queued' and q.lane_seq < f.lane_seq
              and q.band > f.band) ahead
          where f.delivery_id = any(behind) group by 1 order by 1) x
    where d.delivery_id = x.delivery_id and d.band > x.band;
  end if;

  insert into case_party (case_ref, partner)
  select "caseRef", sender from unnest(ms) where "caseRef" is not null and sender <> 'hub'
  union
  select "caseRef", partner from unnest(ds) where "caseRef" is not null and partner <> '-'
  order by 1, 2
  on conflict do nothing;

  if batch->'holders' <> '[]'::jsonb then
    perform tell_holders(batch->'holders', fresh);
  end if;

  -- 5. What the contract asks for besides: consent, clocks, receipts.
  if batch->'consents' <> '[]'::jsonb then
    with said as (
      insert into consent (case_ref, party, data_class, purpose, status, message_id, at)
      select "caseRef", party, "dataClass", purpose, status, "messageId", "acceptedAt"
      from jsonb_to_recordset(batch->'consents')
        as c("messageId" uuid, "caseRef" text, "acceptedAt" timestamptz, party text, "dataClass" text, purpose text, status text)
      where "caseRef" is not null and "messageId" = any(fresh)
      returning case_ref)
    select array_agg(distinct case_ref) into case_refs from said;
    -- What waited for consent is looked at again.
    with again as (
      update delivery d set state = 'ready', due_at = ledger_now(), fault_code = null, fault_stage = null, fault_detail = null
      where d.state = 'blocked' and d.case_ref = any(case_refs) and d.fault_code = 'consent/not-recorded'
      returning d.partner)
    select wake || array_agg(distinct partner) into wake from again;
  end if;
  if batch->'says' ? 'withdraws' then
    -- Whatever waits in such a case may no longer leave as it stands: it is looked at now, not when its turn comes.
    insert into reexamine (delivery_id)
    select distinct d.delivery_id
    from jsonb_to_recordset(batch->'consents') as c("messageId" uuid, "caseRef" text, status text)
    join message m on m.case_ref = c."caseRef"
    join delivery d on d.message_id = m.message_id
    where c."messageId" = any(fresh) and c.status <> 'given'
      and not exists (select 1 from unnest(ms) o where o."messageId" = c."messageId" and o.opens is not null)
    order by 1;
  end if;

  if batch->'says' ? 'restricts' then
    with said as (
      select "caseRef" as case_ref, (array_agg(restricts order by ord desc))[1] as restricted,
             (array_agg("messageId" order by ord desc))[1] as message_id, max("acceptedAt") as at
      from unnest(ms) where restricts is not null and "caseRef" is not null group by 1),
    changed as (
      update cases c set restricted_since = case when s.restricted then s.at end
      from said s where c.case_ref = s.case_ref and s.restricted <> (c.restricted_since is not null)
      returning s.*)
    insert into timeline (at, stations, message_id, case_ref, detail)
    select at, '{case.restricted}', message_id, case_ref, jsonb_build_object('restricted', restricted) from changed;
  end if;

  if batch->'says' ? 'recalls' then
    perform recall_copies(ms);
  end if;

  if batch->'clocks' <> '[]'::jsonb then
    insert into clock (name, message_id, case_ref, owner, stops, started_at, due_at, next_at, policy)
    select name, "messageId", "caseRef", owner, stops, "startedAt", "dueAt", "nextAt", policy
    from jsonb_to_recordset(batch->'clocks')
      as c("messageId" uuid, "caseRef" text, "startedAt" timestamptz, name text, owner text, stops text[],
           "dueAt" timestamptz, "nextAt" timestamptz, policy text)
    where "messageId" = any(fresh);
  end if;
  if batch->'says' ? 'answers' then
    with stopped as (
      update clock k set state = 'stopped'
      from unnest(ms) m
      where k.message_id = any(array(select "causationId" from unnest(ms))) and k.message_id = m."causationId"
        and k.state in ('running', 'breached') and substring(m.type from '^mta\\.(.*)\\.v[0-9]+$') = any(k.stops)
        -- Whoever is asked no more keeps no promise of those who are.
        and not asked_no_more(k.message_id, m.sender)
      returning k.name, k.message_id, k.case_ref, m."acceptedAt" as at)
    insert into timeline (at, stations, message_id, case_ref, detail)
    select at, '{clock.stopped}', message_id, case_ref, jsonb_build_object('clock', name) from stopped;
  end if;

  if batch->'says' ? 'receipts' then
    insert into receipt (message_id, remaining, due)
    select "messageId", copies, copies = 0 from unnest(ms) where answer = 'receipt';
  end if;

  if batch->'alerts' <> '[]'::jsonb then
    -- A task waits on its owner's list until its due time; it pages nobody.
    insert into alert (at, key, severity, kind, owner, message_id, case_ref, partner, text, due_at, sent_at, next_at)
    select ledger_now(), key, severity, kind, owner, "messageId", "caseRef", partner, text, "dueAt",
           case when "dueAt" is not null then ledger_now() end, ledger_now()
    from jsonb_to_recordset(batch->'alerts')
      as a(key text, severity text, kind text, owner text, "messageId" uuid, "caseRef" text, partner text, text text,
           "dueAt" timestamptz)
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
  from unnest(ms);
end $$;
`;
