import type { Pool } from 'pg';
import type { Partner } from '#contracts';

export interface Gate {
  partner: string;
  stream: 'ordinary' | 'urgent';
  state: 'open' | 'resting' | 'paused' | 'closed';
  until: Date | null;
  since: Date;
  reason: string | null;
  by: string | null;
  owner: string;
  windowNow: number;
  windowFull: number;
}

/** Makes the gates of new partners and brings the full windows in step with the configuration. */
export async function ensureGates(pool: Pool, partners: readonly Partner[]): Promise<void> {
  await pool.query(
    `insert into gate (partner, stream, since, owner, window_now, window_full)
     select p.partner, s.stream, ledger_now(), p.owner, w.size, w.size
     from unnest($1::text[], $2::text[], $3::int[], $4::int[]) as p(partner, owner, ordinary, urgent)
     cross join unnest(array['ordinary', 'urgent']) as s(stream)
     cross join lateral (select case s.stream when 'urgent' then p.urgent else p.ordinary end as size) w
     order by 1, 2
     on conflict (partner, stream) do update set window_full = excluded.window_full, owner = excluded.owner,
       window_now = case when gate.state = 'open' then excluded.window_full else gate.window_now end
     where gate.window_full <> excluded.window_full or gate.owner <> excluded.owner`,
    [
      partners.map((p) => p.id),
      partners.map((p) => p.owner),
      partners.map((p) => p.window),
      partners.map((p) => p.urgentWindow),
    ],
  );
}

export async function readGates(pool: Pool): Promise<Gate[]> {
  const { rows } = await pool.query(
    `select partner, stream, state, until, since, reason, set_by as by, owner, window_now as "windowNow",
            window_full as "windowFull" from gate order by partner, stream`,
  );
  return rows as Gate[];
}

/**
 * A person stops ordinary work to a partner until the given time. Answers false for an unknown partner, and where the
 * gate is closed: no pause may end what only mended credentials end.
 */
export async function pauseGate(
  pool: Pool,
  partner: string,
  pause: { reason: string; by: string; owner: string; until: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `with changed as (
       update gate set state = 'paused', since = ledger_now(), until = $2, reason = $3, set_by = $4, owner = $5
       where partner = $1 and stream = 'ordinary' and state <> 'closed' returning partner),
     noted as (
       insert into timeline (at, stations, partner, detail)
       select ledger_now(), '{partner.paused}', partner, jsonb_build_object('reason', $3::text, 'by', $4::text, 'until', $2::text)
       from changed),
     audited as (
       insert into audit (at, actor, action, subject, detail)
       select ledger_now(), $4, 'partner.pause', partner, jsonb_build_object('reason', $3::text, 'until', $2::text) from changed)
     select from changed`,
    [partner, pause.until, pause.reason, pause.by, pause.owner],
  );
  return (rowCount ?? 0) > 0;
}

/** Opens a paused, closed or resting gate; it begins with a window of one. */
export async function resumeGate(pool: Pool, partner: string, by: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `with changed as (
       update gate set state = 'open', since = ledger_now(), until = null, reason = null, set_by = $2, rests = 0, window_now = 1
       where partner = $1 and state <> 'open' returning partner),
     noted as (
       insert into timeline (at, stations, partner, detail)
       select distinct ledger_now(), '{partner.resumed}'::text[], partner, jsonb_build_object('by', $2::text) from changed),
     audited as (
       insert into audit (at, actor, action, subject)
       select distinct ledger_now(), $2, 'partner.resume', partner from changed)
     select from changed`,
    [partner, by],
  );
  return (rowCount ?? 0) > 0;
}

/** Opens the gates whose manual pause is over, and no other. Answers the partners. */
export async function endPauses(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ partner: string }>(
    `with changed as (
       update gate set state = 'open', since = ledger_now(), until = null, reason = null, set_by = 'hub', rests = 0, window_now = 1
       where state = 'paused' and until <= ledger_now() returning partner),
     noted as (
       insert into timeline (at, stations, partner, detail)
       select ledger_now(), '{partner.resumed}', partner, '{"by": "hub"}' from changed)
     select partner from changed`,
  );
  return rows.map((row) => row.partner);
}

/**
 * Partners that have ready work due, with the time of the next due one: a loose scan over the partial index, so that
 * its cost depends on the number of partners and bands, not on how much waits.
 */
export async function readPartnersWithWork(
  pool: Pool,
): Promise<{ partner: string; stream: 'ordinary' | 'urgent' }[]> {
  const { rows } = await pool.query<{ partner: string; stream: 'ordinary' | 'urgent' }>({
    text: `select g.partner, g.stream from gate g
      where exists (select 1 from delivery d where d.partner = g.partner and d.state = 'ready' and d.band = 0
                      and d.due_at <= ledger_now() limit 1) and g.stream = 'urgent'
         or g.stream = 'ordinary' and (
              exists (select 1 from delivery d where d.partner = g.partner and d.state = 'ready' and d.band = 1
                        and d.due_at <= ledger_now() limit 1)
           or exists (select 1 from delivery d where d.partner = g.partner and d.state = 'ready' and d.band = 2
                        and d.due_at <= ledger_now() limit 1))`,
  });
  return rows;
}
