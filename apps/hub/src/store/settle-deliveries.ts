import type { Pool } from 'pg';
import type { DeliveryState, EndedState, FaultCode } from '#contracts';

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
  /** Partners that now have ready work. */
  wake: string[];
}

/**
 * Writes states, lanes, gates, receipts, alerts and timeline for a batch of settlements in one transaction. A
 * settlement whose token or state no longer fits changes nothing, so that repeats are harmless.
 */
export async function settleDeliveries(pool: Pool, settlements: readonly Settlement[]): Promise<Settled> {
  // In one order, as every batch takes its rows, so that two batches that meet do not lock each other out.
  const sorted = settlements.toSorted((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const batch = sorted.map((s) => ({
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
    text: 'select applied, wake from settle_deliveries($1::jsonb, $2)',
    values: [JSON.stringify(batch), new Set(batch.map((s) => s.do === 'end')).size > 1],
  });
  return { applied: new Set(rows[0]?.applied ?? []), wake: rows[0]?.wake ?? [] };
}

const fields = `(id uuid, token uuid, "from" text[], "do" text, state text, "inMs" double precision, "forMs" double precision,
  free boolean, restart boolean, "possibleRepeat" boolean, told smallint, uncertain boolean, owner text, code text, stage text, why text,
  stations text[], detail jsonb, alert jsonb, gate jsonb)`;

const columns = `delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref, case_seq,
  lane_key, lane_seq, state, due_at, owner, attempt_id, attempts, claimed_at, started_at, not_after, timeout_ms,
  head_since, uncertain, possible_repeat, told, fault_code, fault_stage, fault_detail, replaces`;

export const settleDeliveriesSql = `
create or replace function settle_deliveries(batch jsonb, mixed boolean, out applied uuid[], out wake text[]) language plpgsql as $$
#variable_conflict use_column
declare
  t timestamptz := ledger_now();
  gone jsonb;
  freed text[];
  moved uuid[];
  g record;
  old gate;
begin
  -- Lanes first and in order, as accept does; a follower that commits while we wait is seen by the statements below.
  perform 1 from lane l
  join (select distinct d.partner, d.lane_key from jsonb_to_recordset(batch) as b${fields}
        join delivery d on d.delivery_id = b.id
        where b."do" = 'end' and d.lane_key is not null) x on x.partner = l.partner and x.lane_key = l.lane_key
  order by l.partner, l.lane_key for update of l;
  -- Ends are written before changes: where a batch has both, its rows are locked in order first, as others lock them.
  if mixed then
    perform 1 from delivery where delivery_id = any(array(select b.id from jsonb_to_recordset(batch) as b(id uuid)))
    order by delivery_id for update;
  end if;

  with gone_rows as (
    delete from delivery d using jsonb_to_recordset(batch) as b${fields}
    where d.delivery_id = b.id and b."do" = 'end' and d.state = any(b."from")
      and (b.token is null or d.attempt_id = b.token)
    returning d.*, b.state as end_state, b.code, b.stage, b.why),
  kept as (
    insert into delivery_ended (${columns}, ended_at)
    select delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref, case_seq,
      lane_key, lane_seq, end_state, due_at, owner, attempt_id, attempts, claimed_at, started_at, not_after, timeout_ms,
      head_since, uncertain, possible_repeat, told, coalesce(code, fault_code), coalesce(stage, fault_stage),
      coalesce(why, fault_detail), replaces, t
    from gone_rows)
  select jsonb_agg(jsonb_build_object('delivery_id', delivery_id, 'message_id', message_id, 'partner', partner,
                                      'lane_key', lane_key, 'state', end_state, 'type', type)),
         coalesce(array_agg(delivery_id), '{}')
  into gone, applied from gone_rows;

  if gone is not null then
    with head as (
      select l.partner, l.lane_key,
             (select d.delivery_id from delivery d
              where d.partner = l.partner and d.lane_key = l.lane_key and d.state = 'queued'
              order by d.lane_seq limit 1) as next
      from jsonb_to_recordset(gone) as x(delivery_id uuid, partner text, lane_key text)
      join lane l on l.partner = x.partner and l.lane_key = x.lane_key and l.head = x.delivery_id),
    lanes as (
      update lane l set head = h.next from head h where l.partner = h.partner and l.lane_key = h.lane_key),
    next as (
      update delivery d set state = 'ready', due_at = t, head_since = t
      from head h where d.delivery_id = h.next
      returning d.partner)
    select array_agg(distinct partner) into freed from next;

    -- A message whose answer is a receipt is answered when its last copy ends; any other only where a copy ended otherwise.
    with held as materialized (
      select r.message_id, x.n, x.bad
      from (select message_id, count(*)::integer as n, bool_or(state <> 'acknowledged') as bad
            from jsonb_to_recordset(gone) as x(message_id uuid, state text) group by 1) x
      join receipt r on r.message_id = x.message_id order by 1 for update of r)
    update receipt r set remaining = r.remaining - x.n, due = r.due or r.remaining - x.n <= 0 or x.bad
    from held x where r.message_id = x.message_id;
    insert into receipt (message_id, remaining, due)
    select distinct x.message_id, 0, true
    from jsonb_to_recordset(gone) as x(message_id uuid, state text, type text)
    where x.state <> 'acknowledged' and x.type not like 'mta.hub.%'
    order by 1
    on conflict (message_id) do update set due = true;

    insert into timeline (at, stations, message_id, case_ref, partner, detail)
    select t, '{origin.informed}', o.message_id, o.case_ref, x.partner, jsonb_build_object('by', m.message_id)
    from jsonb_to_recordset(gone) as x(message_id uuid, partner text, state text)
    join message m on m.message_id = x.message_id and m.causation_id is not null
    join message o on o.message_id = m.causation_id and o.source = '/partners/' || x.partner
    where x.state = 'acknowledged'
      and (m.type like 'mta.hub.receipt.%'
           or (substring(m.type from '^mta\\.(.*)\\.v[0-9]+$') = o.answer
               and coalesce(m.facts->>'decision', '') <> 'need-info'));
  end if;

  with changed as (
    update delivery d set
      state = case b."do" when 'ready' then 'ready' when 'park' then 'parked' when 'hand-over' then 'handed-over'
                          else 'blocked' end,
      due_at = t + make_interval(secs => coalesce(b."inMs", b."forMs", 0) / 1000.0),
      attempts = d.attempts - case when b.free then 1 else 0 end,
      owner = coalesce(b.owner, d.owner),
      uncertain = coalesce(b.uncertain, false),
      possible_repeat = d.possible_repeat or coalesce(b."possibleRepeat", false),
      told = coalesce(b.told, d.told),
      head_since = case when b.restart then t else d.head_since end,
      fault_code = b.code, fault_stage = b.stage, fault_detail = b.why
    from jsonb_to_recordset(batch) as b${fields}
    where d.delivery_id = b.id and b."do" <> 'end' and d.state = any(b."from")
      and (b.token is null or d.attempt_id = b.token)
    returning d.delivery_id, d.partner, d.state)
  select coalesce(array_agg(delivery_id), '{}'),
         freed || coalesce(array_agg(distinct partner) filter (where state = 'ready'), '{}')
  into moved, wake from changed;
  applied := applied || moved;

  insert into timeline (at, stations, message_id, delivery_id, case_ref, partner, detail)
  select t, b.stations, coalesce(d.message_id, x.message_id), b.id, d.case_ref, coalesce(d.partner, x.partner), b.detail
  from jsonb_to_recordset(batch) as b${fields}
  left join delivery d on d.delivery_id = b.id
  left join jsonb_to_recordset(gone) as x(delivery_id uuid, message_id uuid, partner text) on x.delivery_id = b.id
  where b.id = any(applied) and b.stations <> '{}';

  insert into alert (at, key, severity, kind, owner, message_id, delivery_id, partner, text, next_at)
  select t, b.alert->>'key', b.alert->>'severity', b.alert->>'kind', b.alert->>'owner',
         coalesce(d.message_id, x.message_id), b.id, coalesce(d.partner, x.partner), b.alert->>'text', t
  from jsonb_to_recordset(batch) as b${fields}
  left join delivery d on d.delivery_id = b.id
  left join jsonb_to_recordset(gone) as x(delivery_id uuid, message_id uuid, partner text) on x.delivery_id = b.id
  where b.id = any(applied) and b.alert is not null and b.alert <> 'null'
  on conflict (key) do nothing;

  -- Gates. A refusal of an attempt that was claimed before the gate last changed says nothing new.
  for g in
    select d.partner, case when d.band = 0 then 'urgent' else 'ordinary' end as stream,
           bool_or(b.gate->>'effect' = 'success') as success,
           max(b.gate->>'reason') filter (where b.gate->>'effect' = 'close') as close,
           max(b.gate::text) filter (where b.gate->>'effect' = 'rest') as rest,
           bool_or(b.gate->>'effect' = 'unprobed') as unprobed,
           max(d.claimed_at) filter (where b.gate->>'effect' in ('rest', 'unprobed')) as claimed_at
    from jsonb_to_recordset(batch) as b${fields}
    join lateral (
      select d.partner, d.band, d.claimed_at from delivery d where d.delivery_id = b.id
      union all
      select x.partner, e.band, e.claimed_at from jsonb_to_recordset(gone) as x(delivery_id uuid, partner text)
      join delivery_ended e on e.delivery_id = x.delivery_id and e.ended_at = t
      where x.delivery_id = b.id) d on true
    where b.gate is not null and b.gate <> 'null' and b.id = any(applied)
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
        wake := wake || g.partner;
      end if;
    elsif g.rest is not null then
      select * into old from gate where gate.partner = g.partner and gate.stream = g.stream for update;
      if old.state = 'open' or (old.state = 'resting' and g.claimed_at > old.since) then
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
