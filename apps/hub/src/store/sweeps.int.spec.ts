import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { aRow, opening } from '../../../../tests/support/rows.js';
import { acceptMessages } from './accept-messages.js';
import { settleDeliveries } from './settle-deliveries.js';
import { assignRole, reportParkedOverdue, retryUnheardConsent, tellLateUrgent } from './sweeps.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

async function aDelivery(deviation: Record<string, unknown> = {}): Promise<{ id: string; caseRef: string }> {
  const row = {
    delivery_id: uuidv7(),
    message_id: uuidv7(),
    partner: 'salus',
    role: 'specialist',
    origin: 'ylf',
    type: 'mta.outcome.measure.v1',
    band: 1,
    asks: false,
    test: false,
    accepted_at: new Date(),
    case_ref: uuidv7(),
    state: 'blocked',
    due_at: new Date(),
    owner: 'front-door',
    claimed_at: new Date(),
    fault_code: 'consent/not-recorded',
    ...deviation,
  };
  const names = Object.keys(row);
  await db.pool.query(
    `insert into delivery (${names.join()}) values (${names.map((_, i) => `$${i + 1}`).join()})`,
    Object.values(row),
  );
  return { id: row.delivery_id, caseRef: row.case_ref };
}

/** A case of two messages, of which the second gives consent. */
async function consented(): Promise<string> {
  const case_ref = `C-${uuidv7()}`;
  const given = { party: '*', dataClass: '*', purpose: '*', status: 'given' as const };
  await acceptMessages(db.pool, [aRow({ caseRef: case_ref, opens: opening })]);
  await acceptMessages(db.pool, [aRow({ caseRef: case_ref, consents: [given] })]);
  return case_ref;
}

async function stateOf(id: string): Promise<string> {
  const { rows } = await db.pool.query('select state from delivery where delivery_id = $1', [id]);
  return rows[0].state as string;
}

describe('a delivery that waits for consent', () => {
  it('goes on when consent was recorded while it was being blocked', async () => {
    const { id } = await aDelivery({ case_ref: await consented(), case_seen: 1 });
    expect(await retryUnheardConsent(db.pool)).toEqual(['salus']);
    expect(await stateOf(id)).toBe('ready');
  });

  it('waits on while nothing new was said', async () => {
    const { id } = await aDelivery({ case_ref: await consented(), case_seen: 2 });
    expect(await retryUnheardConsent(db.pool)).toEqual([]);
    expect(await stateOf(id)).toBe('blocked');
  });
});

describe('a dead letter beyond its time', () => {
  it('is told to its owner each time, and to the origin once, also of urgent work that was late before', async () => {
    const { id } = await aDelivery({ state: 'claimed', band: 0, told: 2, fault_code: null });
    await settleDeliveries(db.pool, [
      {
        deliveryId: id,
        from: ['claimed'],
        verb: { do: 'park', forMs: 0 },
        fault: { code: 'partner-refused/refused', stage: 'settle', detail: 'refused' },
        stations: [],
      },
    ]);
    for (let n = 0; n < 2; n += 1) await reportParkedOverdue(db.pool, id, 0);
    const alerts = await db.pool.query(
      `select from alert where delivery_id = $1 and kind = 'delivery.overdue'`,
      [id],
    );
    expect(alerts.rowCount).toBe(2);
    const receipts = await db.pool.query(
      'select due from receipt join delivery using (message_id) where delivery_id = $1',
      [id],
    );
    expect(receipts.rows).toEqual([{ due: true }]);
  });
});

describe('a role that is filled', () => {
  it('makes its partner a party of the cases that waited for it', async () => {
    const { id, caseRef } = await aDelivery({ partner: '-', role: 'new', fault_code: 'routing/no-partner' });
    expect(await assignRole(db.pool, 'new', 'nelft')).toBe(1);
    expect(await stateOf(id)).toBe('ready');
    const { rows } = await db.pool.query('select partner from case_party where case_ref = $1', [caseRef]);
    expect(rows).toEqual([{ partner: 'nelft' }]);
  });
});

describe('what is urgent and late', () => {
  const STEPS = [300_000, 900_000];
  const urgent = (minutes: number, deviation: Record<string, unknown> = {}) =>
    aDelivery({
      band: 0,
      state: 'ready',
      fault_code: null,
      accepted_at: new Date(Date.now() - minutes * 60_000),
      ...deviation,
    });
  const toldOf = async (id: string): Promise<string[]> =>
    (
      await db.pool.query<{ key: string }>('select key from alert where delivery_id = $1 order by key', [id])
    ).rows.map(({ key }) => key);

  it('is told of once at each age, whatever else was told of before', async () => {
    const told = await urgent(60, { told: 2 });
    const fresh = await urgent(4);
    const late = await urgent(6);
    const later = await urgent(20);
    await tellLateUrgent(db.pool, STEPS);
    await tellLateUrgent(db.pool, STEPS);
    const keys = await Promise.all([told, fresh, late, later].map(({ id }) => toldOf(id)));
    expect(keys).toEqual([[], [], [`late:${late.id}:1`], [`late:${later.id}:2`]]);
  });

  it('waits for nobody who is settling one of them', async () => {
    const [held, other] = [await urgent(6), await urgent(6)];
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from delivery where delivery_id = $1 for update', [held.id]);
      await tellLateUrgent(db.pool, STEPS);
      expect([await toldOf(held.id), await toldOf(other.id)]).toEqual([[], [`late:${other.id}:1`]]);
    } finally {
      await client.query('rollback');
      client.release();
    }
    await tellLateUrgent(db.pool, STEPS);
    expect(await toldOf(held.id)).toEqual([`late:${held.id}:1`]);
  });
});
