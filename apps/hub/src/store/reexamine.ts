import type { Pool } from 'pg';

/** Something was said about a delivery. Each saying stands apart, so that one that comes during a look is not lost with it. */
export interface Saying {
  id: string;
  deliveryId: string;
}

/** What was said about deliveries that are in nobody's hands just now, the oldest first. */
export async function readToReexamine(pool: Pool, limit: number): Promise<Saying[]> {
  const { rows } = await pool.query<Saying>(
    `select r.reexamine_id as id, r.delivery_id as "deliveryId"
     from reexamine r left join delivery d on d.delivery_id = r.delivery_id
     where d.state is distinct from 'claimed' order by r.reexamine_id limit $1`,
    [limit],
  );
  return rows;
}

/** They have been looked at. One whose delivery was claimed meanwhile stays: its copy may come to lie in an inbox. */
export async function reexamined(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query(
    `delete from reexamine r where r.reexamine_id = any($1)
     and not exists (select 1 from delivery d where d.delivery_id = r.delivery_id and d.state = 'claimed')`,
    [ids],
  );
}
