import type { Pool } from 'pg';

/** What the metrics mirror from the ledger at a scrape. */
export interface LedgerFigures {
  live: { partner: string; band: number; state: string; n: number }[];
  oldestReady: { partner: string; band: number; seconds: number }[];
  gates: { partner: string; state: string }[];
  oldestSnapshotSeconds: number;
}

/** Counts stop at this many a partner, band and state, so that a scrape stays cheap with a million waiting. */
const COUNTED = 10_000;

export async function readFigures(pool: Pool): Promise<LedgerFigures> {
  const [live, oldest, gates, snapshot] = await Promise.all([
    pool.query(
      `select g.partner, b.band, s.state, x.n
       from gate g cross join generate_series(0, 2) as b(band)
       cross join unnest(array['ready', 'claimed', 'parked']) as s(state)
       cross join lateral (
         select count(*)::integer as n from (
           select from delivery d where d.partner = g.partner and d.band = b.band and d.state = s.state limit ${COUNTED}) c) x
       where g.stream = 'ordinary'`,
    ),
    pool.query(
      `select g.partner, b.band, extract(epoch from ledger_now() - x.due_at)::float as seconds
       from gate g cross join generate_series(0, 2) as b(band)
       cross join lateral (
         select d.due_at from delivery d where d.partner = g.partner and d.band = b.band and d.state = 'ready'
           and d.due_at <= ledger_now() order by d.due_at limit 1) x
       where g.stream = 'ordinary'`,
    ),
    pool.query(`select partner, state from gate where stream = 'ordinary'`),
    pool.query(
      `select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float as seconds
       from pg_stat_activity where backend_xmin is not null and pid <> pg_backend_pid()`,
    ),
  ]);
  return {
    live: live.rows as LedgerFigures['live'],
    oldestReady: oldest.rows as LedgerFigures['oldestReady'],
    gates: gates.rows as LedgerFigures['gates'],
    oldestSnapshotSeconds: Number((snapshot.rows[0] as { seconds: number }).seconds),
  };
}
