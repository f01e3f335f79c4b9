import type { Pool } from 'pg';

/**
 * Advances the clocks whose next moment has come. An ordinary one warns at 50 % and 80 % and is broken at 100 %. One that
 * began with an urgent message tells a person after each of the given ages (milliseconds), beyond its end too: nothing
 * closes it but the answer of a named person. Answers how many were advanced.
 */
export async function advanceClocks(
  pool: Pool,
  urgentStepsMs: readonly number[],
  limit: number,
): Promise<number> {
  const { rowCount } = await pool.query(
    `with due as (
       select clock_id from clock where state in ('running', 'breached') and next_at <= ledger_now()
       order by next_at limit $1 for update skip locked),
     laddered as (
       select k.clock_id, k.state = 'running' and k.due_at <= ledger_now() as breaks, coalesce(m.band = 0, false) as urgent,
              case when m.band = 0
                   then array(select k.started_at + make_interval(secs => ms / 1000.0) from unnest($2::bigint[]) ms union select k.due_at)
                   else array[k.started_at + (k.due_at - k.started_at) * 0.5, k.started_at + (k.due_at - k.started_at) * 0.8, k.due_at]
              end as steps
       from due join clock k using (clock_id) left join message m using (message_id)),
     moved as (
       update clock k set
         stage = (select count(*) from unnest(l.steps) s where s <= ledger_now()),
         next_at = coalesce((select min(s) from unnest(l.steps) s where s > ledger_now()), 'infinity'),
         state = case when k.due_at <= ledger_now() then 'breached' else 'running' end
       from laddered l where k.clock_id = l.clock_id
       returning k.*, l.breaks, l.urgent),
     noted as (
       insert into timeline (at, stations, message_id, case_ref, detail)
       select ledger_now(), array[case when breaks then 'clock.breached' else 'clock.warned' end], message_id, case_ref,
              jsonb_build_object('clock', name, 'dueAt', due_at, 'owner', owner) from moved)
     insert into alert (at, key, severity, kind, owner, message_id, case_ref, text, next_at)
     select ledger_now(), 'clock:' || clock_id || ':' || stage,
            case when urgent or state = 'breached' then 'urgent' else 'warning' end,
            case when state = 'breached' then 'clock.breached' else 'clock.warned' end, owner, message_id, case_ref,
            case when urgent
                 then name || ': no named person has answered message ' || message_id || ' for '
                      || floor(extract(epoch from ledger_now() - started_at) / 60) || ' minutes. Telephone now.'
                 else name || case when state = 'breached' then ' is broken' else ' is running out' end
                      || ' for message ' || message_id || ', due ' || due_at end, ledger_now()
     from moved on conflict (key) do nothing`,
    [limit, urgentStepsMs],
  );
  return rowCount ?? 0;
}
