import type { Pool } from 'pg';

/** How many rows each table of the ledger holds; partitions count with their table. */
export async function rowsOfEveryTable(db: Pool): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tablesOf(db)) {
    // Made by the hub for itself, whenever it first needs them.
    if (['gate', 'sealing_key', 'wire_progress'].includes(table)) continue;
    const { rows } = await db.query<{ n: number }>(`select count(*)::integer as n from ${table}`);
    counts[table] = rows[0]?.n ?? 0;
  }
  return counts;
}

/** Every row of every table as text, bytes in hex: what somebody with the database and no key could read. */
export async function everythingKept(db: Pool): Promise<string> {
  const parts: string[] = [];
  for (const table of await tablesOf(db)) {
    const { rows } = await db.query<{ row: string }>(`select t::text as row from ${table} t`);
    parts.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return parts.join('\n');
}

async function tablesOf(db: Pool): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  return rows.map(({ name }) => name);
}
