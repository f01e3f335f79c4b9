import type { Pool } from 'pg';

/** Where reading of a topic goes on, per partition, as the ledger's own transactions left it. */
export async function readIntakeOffsets(pool: Pool, topic: string): Promise<Map<number, string>> {
  const { rows } = await pool.query<{ partition: number; next_offset: string }>(
    'select partition, next_offset from intake_offset where topic = $1',
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
