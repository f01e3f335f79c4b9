import type pg from 'pg';
import { CASES, SENDER } from './messages.js';

/** Opens the cases that the load speaks of, with sender and both recipients as their parties. */
export async function openCases(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into cases (case_ref, opened_by, opened_at, owner, owner_partner, due_at)
     select c, gen_random_uuid(), now(), 'front-door', 'nkm', now() + interval '28 days' from unnest($1::text[]) c
     on conflict do nothing`,
    [CASES],
  );
  await pool.query(
    `insert into case_party (case_ref, partner)
     select c, p from unnest($1::text[]) c cross join unnest($2::text[]) p on conflict do nothing`,
    [CASES, ['nkm', 'salus', SENDER]],
  );
  await pool.query('vacuum analyze');
}

/** Nothing leaves to these partners, so that only accept is measured. */
export async function pause(pool: pg.Pool, partners: readonly string[]): Promise<void> {
  await pool.query(
    `update gate set state = 'paused', until = now() + interval '1 day', reason = 'bench', set_by = 'bench'
     where partner = any($1) and stream = 'ordinary'`,
    [partners],
  );
}

export async function resume(pool: pg.Pool): Promise<void> {
  await pool.query(`update gate set state = 'open', until = null, window_now = window_full`);
}

export async function live(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from delivery');
  return rows[0]?.n ?? 0;
}

/** Rows written since the last call, by table (partitions added up): inserted, updated and deleted. */
export async function rowsWritten(pool: pg.Pool): Promise<Map<string, Written>> {
  // Backends report what they wrote about once a second.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const { rows } = await pool.query<{ name: string; i: string; u: string; d: string }>(
    `select regexp_replace(relname, '_([0-9]{6}|default)$', '') as name, sum(n_tup_ins) as i, sum(n_tup_upd) as u,
            sum(n_tup_del) as d from pg_stat_user_tables group by 1`,
  );
  return new Map(
    rows.map(({ name, i, u, d }) => [name, { inserted: Number(i), updated: Number(u), deleted: Number(d) }]),
  );
}

export interface Written {
  inserted: number;
  updated: number;
  deleted: number;
}
