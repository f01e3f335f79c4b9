import type { Pool } from 'pg';

/** The ledger's time: no due time comes from a process clock. */
export async function ledgerNow(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select ledger_now() as now');
  return rows[0]?.now ?? new Date();
}
