import type { Pool } from 'pg';
import type { DeliveryState, EndedState, FaultCode } from '#contracts';
import { HOT } from './hot.js';
import { itsTurn } from './its-turn.js';

/** What happens to one delivery, in one transaction with its record. Exactly one verb. */
export interface Settlement {
  deliveryId: string;
  /** The attempt that this speaks of; absent where no attempt is concerned (sweeps, people). */
  attemptId?: string;
  /** Applies only from these states; anything else means that somebody was faster, and nothing happens. */
  from: readonly DeliveryState[];
  verb:
    | { do: 'end'; state: EndedState }
    | {
        do: 'ready';
        inMs: number;
        free?: boolean;
        possibleRepeat?: boolean;
        told?: number;
        restart?: boolean;
      }
    | { do: 'park'; forMs: number; uncertain?: boolean; free?: boolean }
    | { do: 'hand-over'; forMs: number; free?: boolean }
    | { do: 'block'; forMs: number; free?: boolean };
  owner?: string;
  fault?: { code: FaultCode; stage: string; detail: string };
  /** Stations of the timeline row, and its detail (never payload). */
  stations: readonly string[];
  detail?: Record<string, unknown>;
  /** A person is told once per key. */
  alert?: NewAlert;
  /** What this says about the partner's gate. */
  gate?: GateEffect;
}

export interface NewAlert {
  key: string;
  severity: 'info' | 'warning' | 'urgent';
  kind: string;
  owner: string;
  text: string;
  /** Set for a task: by when it is to be done, RFC 3339. It pages nobody. */
  dueAt?: string;
}

export type GateEffect =
  | { effect: 'success' }
  | { effect: 'rest'; forMs: number; reason: string }
  | { effect: 'close'; reason: string }
  /** The claim never became an attempt: where it was a resting gate's probe, the next claim is it. */
  | { effect: 'unprobed' };

export interface Settled {
  /** Deliveries to which their settlement applied. */
  applied: Set<string>;
  /** Partners that now may have work to claim: some was made ready, or there is room for it. */
  wake: string[];
}

/**
 * Writes states, lanes, gates, receipts, alerts and timeline for a batch of settlements in one transaction. A
 * settlement whose token or state no longer fits changes nothing, so that repeats are harmless.
 */
export async function settleDeliveries(
  pool: Pick<Pool, 'query'>,
  settlements: readonly Settlement[],
): Promise<Settled> {
  // In one order, as every batch takes its rows, so that two batches that meet do not lock each other out.
  const sorted = settlements.toSorted((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const batch = sorted.map((s, ord) => ({
    ord,
    id: s.deliveryId,
    token: s.attemptId ?? null,
    from: s.from,
    ...s.verb,
    owner: s.owner ?? null,
    code: s.fault?.code ?? null,
    stage: s.fault?.stage ?? null,
    why: s.fault?.detail ?? null,
    stations: s.stations,
    detail: s.detail ?? null,
    alert: s.alert ?? null,
    gate: s.gate ?? null,
  }));
  const { rows } = await pool.query<{ applied: string[] | null; wake: string[] | null }>({
    name: 'settle_deliveries',
    text: 'select applied, wake from settle_deliveries($1::jsonb)',
    values: [JSON.stringify(batch)],
  });
  return { applied: new Set(rows[0]?.applied ?? []), wake: rows[0]?.wake ?? [] };
}

const columns = `delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref, case_seq,
  lane_key, lane_seq, state, due_at, owner, attempt_id, attempts, claimed_at, started_at, not_after, timeout_ms,
  head_since, uncertain, possible_repeat, told, fault_code, fault_stage, fault_detail, replaces`;

/** Types are made once; a changed one needs a migration that alters it. */
export const settleTypesSql = `
-- The batch's settlements, read from JSON once, and the deliveries to which one applied.
create type settle_item as (
  ord integer, id uuid, token uuid, "from" text[], "do" text, state text, "inMs" double precision,
  "forMs" double precision, free boolean, restart boolean, "possibleRepeat" boolean, told smallint, uncertain boolean,
  owner text, code text, stage text, why text, stations text[], detail jsonb, alert jsonb, gate jsonb);
create type settled_row as (
  ord integer, delivery_id uuid, message_id uuid, partner text, lane_key text, state text, type text, band smallint,
  case_ref text, claimed_at timestamptz);
`;

export const settleDeliveriesSql = `
create or replace function settle_deliveries(batch jsonb, out applied uuid[], out wake text[])
language plpgsql ${HOT} as $$
#variable_conflict use_column
declare
  t timestamptz := ledger_now();
  items settle_item[];
  ids uuid[];
  partners text[];
  lane_keys text[];
  lanes text[];
  next uuid[];
  gone settled_row[];
  changed settled_row[];
  g record;
  old gate;
begin
  select array_agg(b), array_agg(b.id) into items, ids from jsonb_populate_recordset(null::settle_item, batch) b;
  -- Lanes first and in order, as accept does; a follower that commits while we wait is seen by the statements below.
  -- Then the deliveries, in order too, so that no two batches wait for one another.
  select array_agg(distinct partner), array_agg(distinct lane_key), array_agg(distinct partner || ' ' || lane_key)
  into partners, lane_keys, lanes from delivery where delivery_id = any(ids) and lane_key is not null;
  if lanes is not null then
    perform 1 from lane
    where partner = any(partners) and lane_key = any(lane_keys) and partner || ' ' || lane_key = any(lanes)
    order by partner, lane_key for update;
  end if;
  perform 1 from delivery where delivery_id = any(ids) order by delivery_id for update;

  with ended as (
    delete from delivery d using unnest(items) b
    where d.delivery_id = any(ids) and d.delivery_id = b.id and b."do" = 'end' and d.state = any(b."from")
      and (b.token is null or d.attempt_id = b.token)
    returning d.*, b.ord, b.state as end_state, b.code, b.stage, b.why),
  kept as (
    insert into delivery_ended (${columns}, ended_at)
    select delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref, case_seq,
      lane_key, lane_seq, end_state, due_at, owner, attempt_id, attempts, claimed_at, started_at, not_after, timeout_ms,
      head_since, uncertain, possible_repeat, told, coalesce(code, fault_code), coalesce(stage, fault_stage),
      coalesce(why, fault_detail), replaces, t
    from ended)
  select array_agg(row(ord, delivery_id, message_id, partner, lane_key, end_state, type, band, case_ref, claimed_at)::settled_row)
  into gone from ended;

  if gone is not null then
    if lanes is not null then
      with freed as (
        update lane l set head = (
          select d.delivery_id from delivery d
          where d.partner = l.partner and d.lane_key = l.lane_key and d.state = 'queued'
          order by d.lane_seq limit 1)
        where l.partner = any(partners) and l.lane_key = any(lane_keys)
          and l.head = any(array(select delivery_id from unnest(gone)))
        returning l.head)
      select array_agg(head) into next from freed where head is not null;
    end if;
    if next is not null then
      update delivery set ${itsTurn('t')} where delivery_id = any(next);
    end if;

    -- A message whose answer is a receipt is answered when its last copy ends; any other only where a copy ended otherwise.
    perform 1 from receipt where message_id = any(array(select message_id from unnest(gone)))
    order by message_id for update;
    if found then
      update receipt r set remaining = r.remaining - x.n, due = r.due or r.remaining - x.n <= 0 or x.bad
      from (select message_id, count(*)::integer as n, bool_or(state <> 'acknowledged') as bad from unnest(gone) group by 1) x
      where r.message_id = any(array(select message_id from unnest(gone))) and r.message_id = x.message_id;
    end if;
    if exists (select 1 from unnest(gone) where state <> 'acknowledged') then
      insert into receipt (message_id, remaining, due)
      select distinct message_id, 0, true from unnest(gone)
      where state <> 'acknowledged' and type not like 'mta.hub.%'
      order by 1
      on conflict (message_id) do update set due = true;
    end if;

    -- The answer has reached the origin. (offset 0 keeps each look a look by key.)
    insert into timeline (at, stations, message_id, case_ref, partner, detail)
    select t, '{origin.informed}', o.message_id, o.case_ref, x.partner, jsonb_build_object('by', m.message_id)
    from unnest(gone) x
    cross join lateral (select * from message where message_id = x.message_id and causation_id is not null offset 0) m
    cross join lateral (
      select * from message where message_id = m.causation_id and source = '/partners/' || x.partner offset 0) o
    where x.state = 'acknowledged'
      and (m.type like 'mta.hub.receipt.%'
           or (substring(m.type from '^mta\\.(.*)\\.v[0-9]+$') = any(string_to_array(o.answer, ' '))
               and coalesce(m.facts->>'decision', '') <> 'need-info'));
  end if;

  if exists (select 1 from unnest(items) where "do" <> 'end') then
    with moved as (
      update delivery d set
        state = case b."do" when 'ready' then 'ready' when 'park' then 'parked' when 'hand-over' then 'handed-over'
                            else 'blocked' end,
        due_at = t + make_interval(secs => coalesce(b."inMs", b."forMs", 0) / 1000.0),
        attempts = d.attempts - case when b.free then 1 else 0 end,
        owner = coalesce(b.owner, d.owner),
        uncertain = coalesce(b.uncertain, false),
        possible_repeat = d.possible_repeat or coalesce(b."possibleRepeat", false),
        told = case b."do" when 'park' then 0 else coalesce(b.told, d.told) end,
        head_since = case when b.restart then t else d.head_since end,
        fault_code = b.code, fault_stage = b.stage, fault_detail = b.why
      from unnest(items) b
      where d.delivery_id = any(ids) and d.delivery_id = b.id and b."do" <> 'end' and d.state = any(b."from")
        and (b.token is null or d.attempt_id = b.token)
      returning b.ord, d.delivery_id, d.message_id, d.partner, d.lane_key, d.state, d.type, d.band, d.case_ref, d.claimed_at)
    select array_agg(moved::settled_row) into changed from moved;
  end if;
  gone := gone || changed;
  applied := array(select delivery_id from unnest(gone));
  if gone is null then
    return;
  end if;
  -- Its follower is ready, or it has left room in the window, or its gate opens further.
  wake := array(select distinct partner from unnest(gone));

  insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
  select t, b.stations, x.message_id, x.delivery_id, x.case_ref, x.partner, b.detail
  from unnest(items) b join unnest(gone) x on x.ord = b.ord where b.stations <> '{}';

  insert into alert (at, key, severity, kind, owner, message_id, delivery_id, partner, text, next_at)
  select t, b.alert->>'key', b.alert->>'severity', b.alert->>'kind', b.alert->>'owner', x.message_id, x.delivery_id,
         x.partner, b.alert->>'text', t
  from unnest(items) b join unnest(gone) x on x.ord = b.ord where b.alert is not null
  order by 2
  on conflict (key) do nothing;

  -- Gates. A refusal of an attempt that was claimed before the gate last changed says nothing new.
  for g in
    select x.partner, case when x.band = 0 then 'urgent' else 'ordinary' end as stream,
           bool_or(b.gate->>'effect' = 'success') as success,
           max(b.gate->>'reason') filter (where b.gate->>'effect' = 'close') as close,
           max(b.gate::text) filter (where b.gate->>'effect' = 'rest') as rest,
           bool_or(b.gate->>'effect' = 'unprobed') as unprobed,
           max(x.claimed_at) filter (where b.gate->>'effect' in ('rest', 'unprobed')) as claimed_at
    from unnest(items) b join unnest(gone) x on x.ord = b.ord
    where b.gate is not null
    group by 1, 2 order by 1, 2
  loop
    if g.close is not null then
      perform 1 from gate where gate.partner = g.partner order by gate.stream for update;
      update gate set state = 'closed', since = t, until = null, reason = g.close, set_by = 'hub', owner = 'credentials'
      where gate.partner = g.partner and gate.state <> 'closed';
      if found then
        insert into timeline (at, stations, partner, detail)
        values (t, '{partner.paused}', g.partner, jsonb_build_object('reason', g.close));
        insert into alert (at, key, severity, kind, owner, partner, text, next_at)
        values (t, 'gate:' || g.partner || ':' || t, 'urgent', 'gate.closed', 'credentials', g.partner,
                'The gate of ' || g.partner || ' is closed: ' || g.close || '. Work is kept; mend the credentials, then resume it.', t)
        on conflict (key) do nothing;
      end if;
    elsif g.success then
      select * into old from gate where gate.partner = g.partner and gate.stream = g.stream;
      if old.state = 'resting' or old.window_now < old.window_full then
        update gate set state = case when state = 'resting' then 'open' else state end,
          since = case when state = 'resting' then t else since end,
          until = case when state = 'resting' then null else until end,
          rests = 0,
          window_now = case when state = 'resting' then 1 else least(window_full, window_now * 2) end
        where gate.partner = g.partner and gate.stream = g.stream;
        if old.state = 'resting' then
          insert into timeline (at, stations, partner, detail)
          values (t, '{partner.resumed}', g.partner, jsonb_build_object('stream', g.stream, 'restedSince', old.since));
        end if;
      end if;
    elsif g.rest is not null then
      select * into old from gate where gate.partner = g.partner and gate.stream = g.stream for update;
      if old.state in ('open', 'resting') and g.claimed_at > old.since then
        update gate set state = 'resting', rests = old.rests + 1, window_now = 1,
          since = case when old.state = 'open' then t else old.since end,
          reason = g.rest::jsonb->>'reason', set_by = 'hub',
          until = t + make_interval(secs => (g.rest::jsonb->>'forMs')::double precision / 1000.0)
        where gate.partner = g.partner and gate.stream = g.stream;
        if old.state = 'open' then
          insert into timeline (at, stations, partner, detail)
          values (t, '{partner.rested}', g.partner,
                  jsonb_build_object('stream', g.stream, 'reason', g.rest::jsonb->>'reason'));
          insert into alert (at, key, severity, kind, owner, partner, text, next_at)
          values (t, 'gate:' || g.partner || ':' || g.stream || ':' || t, 'warning', 'gate.resting', old.owner, g.partner,
                  'The gate of ' || g.partner || ' rests: ' || (g.rest::jsonb->>'reason') || '. Its work waits and goes on by itself.', t)
          on conflict (key) do nothing;
        end if;
      end if;
    elsif g.unprobed then
      update gate set until = t
      where gate.partner = g.partner and gate.stream = g.stream and gate.state = 'resting' and gate.until > t
        and g.claimed_at > gate.since;
    end if;
  end loop;
end $$;
`;
