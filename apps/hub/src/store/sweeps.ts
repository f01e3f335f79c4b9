import type { Pool } from 'pg';

/** A live delivery whose due time has come while it waits for something else than a claim. */
export interface OverdueDelivery {
  deliveryId: string;
  messageId: string;
  partner: string;
  band: number;
  state: 'blocked' | 'handed-over' | 'parked';
  owner: string;
  code: string | null;
  origin: string;
  told: number;
  /** A message of the partner's names this one as its cause: proof of arrival (R4). */
  answered: boolean;
}

/** Overdue waiting deliveries; those that were reported before come again only when their new due time comes. */
export async function readOverdue(pool: Pool, limit: number): Promise<OverdueDelivery[]> {
  const { rows } = await pool.query(
    `select delivery_id as "deliveryId", message_id as "messageId", partner, band, state, owner, fault_code as code, origin, told,
       exists (select 1 from message a where a.causation_id = delivery.message_id and a.source = '/partners/' || delivery.partner) as answered
     from delivery where state in ('blocked', 'handed-over', 'parked') and due_at <= ledger_now() order by due_at limit $1`,
    [limit],
  );
  return rows as OverdueDelivery[];
}

/** A parked delivery is overdue: its owner is told each time, the origin the first; with its next due time. */
export async function reportParkedOverdue(pool: Pool, deliveryId: string, againInMs: number): Promise<void> {
  await pool.query(
    `with d as (
       update delivery set due_at = ledger_now() + make_interval(secs => $2 / 1000.0), told = least(told + 1, 30000)::smallint
       where delivery_id = $1 and state = 'parked' returning *),
     alerted as (
       insert into alert (at, key, severity, kind, owner, message_id, delivery_id, case_ref, partner, text, next_at)
       select ledger_now(), 'overdue:' || delivery_id || ':parked:' || attempts || ':' || told, case band when 0 then 'urgent' else 'warning' end,
              'delivery.overdue', owner, message_id, delivery_id, case_ref, partner,
              'A delivery to ' || partner || ' is parked beyond its time (' || fault_code || '). It waits for a decision.', ledger_now()
       from d on conflict (key) do nothing)
     insert into receipt (message_id, remaining, due) select message_id, 0, true from d where told = 1 and type not like 'mta.hub.%'
     on conflict (message_id) do update set due = true`,
    [deliveryId, againInMs],
  );
}

/** Deliveries to these partners that are blocked for this reason are looked at again by dispatch. Answers the partners. */
export async function retryBlocked(pool: Pool, code: string, partners: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ partner: string }>(
    `update delivery set state = 'ready', due_at = ledger_now(), fault_code = null, fault_stage = null, fault_detail = null
     where state = 'blocked' and fault_code = $1 and partner = any($2) returning partner`,
    [code, partners],
  );
  return [...new Set(rows.map((row) => row.partner))];
}

/**
 * Deliveries that wait for consent, in whose case something was said since they were looked at: accept frees what is
 * blocked already, and misses what was being blocked at that moment. Answers the partners.
 */
export async function retryUnheardConsent(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ partner: string }>(
    `update delivery d set state = 'ready', due_at = ledger_now(), fault_code = null, fault_stage = null, fault_detail = null
     where d.state = 'blocked' and d.fault_code = 'consent/not-recorded'
       and exists (select 1 from consent k join message m on m.message_id = k.message_id
                   where k.case_ref = d.case_ref and m.case_seq > coalesce(d.case_seen, 0))
     returning partner`,
  );
  return [...new Set(rows.map((row) => row.partner))];
}

/**
 * Gives deliveries of a role that had no partner to the partner that fills it now. It comes to their cases: these are
 * locked first, as accept does, so that nothing which is told to all who hold something of them passes it by.
 */
export async function assignRole(pool: Pool, role: string, partner: string): Promise<number> {
  const { rowCount } = await pool.query(
    `with taken as materialized (
       select 1 from cases where case_ref in (
         select case_ref from delivery where state = 'blocked' and fault_code = 'routing/no-partner' and role = $1)
       order by case_ref for no key update),
     given as (
       update delivery set partner = $2, state = 'ready', due_at = ledger_now(), fault_code = null, fault_stage = null, fault_detail = null
       where state = 'blocked' and fault_code = 'routing/no-partner' and role = $1
         and (select count(*) from taken) >= 0
       returning case_ref),
     joined as (
       insert into case_party (case_ref, partner) select distinct case_ref, $2::text from given where case_ref is not null
       on conflict do nothing)
     select from given`,
    [role, partner],
  );
  return rowCount ?? 0;
}

/** Urgent deliveries that have waited past the next of the given ages (milliseconds): a person is told, tries go on. */
export async function tellLateUrgent(pool: Pool, stepsMs: readonly number[]): Promise<number> {
  const { rowCount } = await pool.query(
    `with late as (
       select d.delivery_id, s.steps
       from delivery d cross join lateral (
         select count(*) as steps from unnest($1::bigint[]) ms where d.accepted_at <= ledger_now() - make_interval(secs => ms / 1000.0)) s
       where d.band = 0 and d.state in ('ready', 'claimed') and d.told < cardinality($1::bigint[]) and d.told < s.steps
       -- One that is just being settled is looked at a second later, if it still waits.
       order by d.accepted_at limit 1000 for update of d skip locked),
     told as (
       update delivery d set told = l.steps from late l where d.delivery_id = l.delivery_id returning d.*)
     insert into alert (at, key, severity, kind, owner, message_id, delivery_id, case_ref, partner, text, next_at)
     select ledger_now(), 'late:' || delivery_id || ':' || told, 'urgent', 'urgent.late', owner, message_id, delivery_id, case_ref, partner,
            'An urgent message has not reached ' || partner || ' yet. Telephone now; the hub goes on trying.', ledger_now()
     from told on conflict (key) do nothing`,
    [stepsMs],
  );
  return rowCount ?? 0;
}

/** Ownership that was accepted for a later day moves when the day has come. */
export async function moveOwners(pool: Pool): Promise<void> {
  await pool.query(
    `with moved as (
       update cases set owner = next_owner, owner_partner = next_owner_partner, area = coalesce(next_area, area),
         next_owner = null, next_owner_partner = null, next_area = null, next_owner_from = null
       where case_ref in (
         select case_ref from cases where next_owner_from <= ledger_now() order by case_ref for no key update)
       returning case_ref, owner, owner_partner)
     insert into timeline (at, stations, case_ref, partner, detail)
     select ledger_now(), '{owner.changed}', case_ref, owner_partner, jsonb_build_object('owner', owner) from moved`,
  );
}
