import type { Pool } from 'pg';

/** Deliveries that are to be looked at again and are in nobody's hands just now. */
export async function readToReexamine(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ delivery_id: string }>(
    `select r.delivery_id from reexamine r left join delivery d on d.delivery_id = r.delivery_id
     where d.state is distinct from 'claimed' limit $1`,
    [limit],
  );
  return rows.map((row) => row.delivery_id);
}

/** They have been looked at. One that was claimed meanwhile stays: its copy may come to lie in an inbox. */
export async function reexamined(pool: Pool, deliveryIds: readonly string[]): Promise<void> {
  await pool.query(
    `delete from reexamine r where r.delivery_id = any($1)
     and not exists (select 1 from delivery d where d.delivery_id = r.delivery_id and d.state = 'claimed')`,
    [deliveryIds],
  );
}
