import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { takeTurn } from './take-turn.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const ask = (holder: string, forMs = 60_000, partner = 'chums'): Promise<boolean> =>
  takeTurn(db.pool, { partner, holder, forMs });

it('gives a partner’s turn to one of many that ask at once, and to the next when it is given back or runs out', async () => {
  const all = Array.from({ length: 8 }, () => randomUUID());
  const answers = await Promise.all(all.map((holder) => ask(holder)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  const holder = all[answers.indexOf(true)] as string;
  const other = all[answers.indexOf(false)] as string;
  expect(await ask(holder)).toBe(true);
  expect(await ask(other)).toBe(false);
  expect(await ask(other, 60_000, 'camhs')).toBe(true);

  await ask(holder, 0);
  expect(await ask(other)).toBe(true);
  expect(await ask(holder)).toBe(false);
  await db.pool.query(`update ledger_clock set shift = shift + interval '61 seconds'`);
  expect(await ask(holder)).toBe(true);
});
