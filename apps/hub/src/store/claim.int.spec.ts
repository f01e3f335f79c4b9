import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { claimDeliveries } from './claim-deliveries.js';
import { settleDeliveries } from './settle-deliveries.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const soon = { leaseMs: 5_000, timeoutMs: 1_000, carried: false };

/** A partner with a window of two and three deliveries outside lanes: none follows another. */
async function threeReadyForTwo(): Promise<string> {
  const partner = `p${randomUUID().slice(0, 8)}`;
  await db.pool.query(
    `insert into gate (partner, stream, since, owner, window_now, window_full)
     values ($1, 'ordinary', ledger_now(), 'ops', 2, 2)`,
    [partner],
  );
  for (let n = 0; n < 3; n += 1)
    await db.pool.query(
      `insert into delivery (delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, state, due_at, owner)
       values ($1, $2, $3, 'ops', 'ylf', 'mta.outcome.measure.v1', 1, false, false, ledger_now(), 'ready', ledger_now(), 'ops')`,
      [uuidv7(), uuidv7(), partner],
    );
  return partner;
}

describe('a full window', () => {
  it('claims no more, and wakes its partner as soon as one of it has ended', async () => {
    const partner = await threeReadyForTwo();
    const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', soon);
    expect(claimed).toHaveLength(2);
    expect(await claimDeliveries(db.pool, partner, 'ordinary', soon)).toEqual({ claimed: [], busy: false });

    const { wake } = await settleDeliveries(db.pool, [
      {
        deliveryId: claimed[0]?.deliveryId ?? '',
        from: ['claimed'],
        verb: { do: 'end', state: 'acknowledged' },
        stations: ['partner.received'],
      },
    ]);
    expect(wake).toEqual([partner]);
    expect((await claimDeliveries(db.pool, partner, 'ordinary', soon)).claimed).toHaveLength(1);
  });
});
