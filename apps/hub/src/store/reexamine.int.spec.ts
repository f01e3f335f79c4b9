import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { readToReexamine, reexamined } from './reexamine.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

it('keeps what is said of a delivery while it is being looked at', async () => {
  const deliveryId = randomUUID();
  const say = () => db.pool.query('insert into reexamine (delivery_id) values ($1)', [deliveryId]);
  await say();
  const look = await readToReexamine(db.pool, 10);
  await say();
  await reexamined(
    db.pool,
    look.map(({ id }) => id),
  );
  const next = await readToReexamine(db.pool, 10);
  expect(next.map((saying) => saying.deliveryId)).toEqual([deliveryId]);
  expect(next[0]?.id).not.toBe(look[0]?.id);
});
