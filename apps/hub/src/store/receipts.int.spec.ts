import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { readDueReceipts, receiptTold, type DueReceipt } from './receipts.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const START = '00000000-0000-0000-0000-000000000000';

async function aDueReceipt(remaining = 1): Promise<string> {
  const messageId = uuidv7();
  await db.pool.query(
    `insert into message (message_id, source, external_id, type, band, accepted_at, answer, facts, decision)
     values ($1, '/partners/ylf', 'an id', 'mta.outcome.measure.v1', 1, ledger_now(), 'receipt', '{}', '{}')`,
    [messageId],
  );
  await db.pool.query('insert into receipt (message_id, remaining, due) values ($1, $2, true)', [
    messageId,
    remaining,
  ]);
  return messageId;
}

async function read(messageId: string): Promise<DueReceipt> {
  const due = await readDueReceipts(db.pool, { after: START, limit: 100 });
  return due.find((each) => each.messageId === messageId)!;
}

async function isDue(messageId: string): Promise<boolean> {
  const { rows } = await db.pool.query('select due from receipt where message_id = $1', [messageId]);
  return rows[0].due as boolean;
}

describe('what the origin is told', () => {
  it('is done when it was told of all that happened', async () => {
    const messageId = await aDueReceipt();
    await receiptTold(db.pool, await read(messageId), true);
    expect(await isDue(messageId)).toBe(false);
  });

  it('stays due when a copy ends after it was read and before it was told', async () => {
    const messageId = await aDueReceipt();
    const before = await read(messageId);
    await db.pool.query('update receipt set remaining = remaining - 1, due = true where message_id = $1', [
      messageId,
    ]);
    await receiptTold(db.pool, before, true);
    expect(await isDue(messageId)).toBe(true);
    await receiptTold(db.pool, await read(messageId), true);
    expect(await isDue(messageId)).toBe(false);
  });

  it('is paged past what could not be told', async () => {
    const [first, second] = [await aDueReceipt(), await aDueReceipt()];
    const [one] = await readDueReceipts(db.pool, { after: START, limit: 1 });
    expect(one?.messageId).toBe(first);
    const [other] = await readDueReceipts(db.pool, { after: first, limit: 1 });
    expect(other?.messageId).toBe(second);
  });
});
