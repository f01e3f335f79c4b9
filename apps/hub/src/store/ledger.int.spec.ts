import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { aRow, aPartnerOf, opening } from '../../../../tests/support/rows.js';
import { acceptMessages, CASE_RACED } from './accept-messages.js';
import { claimDeliveries } from './claim-deliveries.js';
import { readContexts } from './read-context.js';
import { settleDeliveries, type Settlement } from './settle-deliveries.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const aPartner = (window?: number): Promise<string> => aPartnerOf(db.pool, window);
const claimOptions = { leaseMs: 5_000, timeoutMs: 10_000, carried: false };

function ended(claimed: { deliveryId: string; attemptId: string }): Settlement {
  return {
    deliveryId: claimed.deliveryId,
    attemptId: claimed.attemptId,
    from: ['claimed'],
    verb: { do: 'end', state: 'acknowledged' },
    stations: ['wire.claimed', 'wire.sent', 'partner.received'],
  };
}

describe('accept', () => {
  it('refuses a process that is older than the ledger, and takes nothing of its half', async () => {
    const older = {
      messages: [{ messageId: randomUUID(), source: '/partners/ylf', externalId: 'of an older one' }],
    };
    const accepting = db.pool.query('select from accept_messages($1::jsonb, $2)', [older, Buffer.alloc(0)]);
    await expect(accepting).rejects.toThrow('this process is older than the ledger');
  });

  it('makes one message of many posts of the same key', async () => {
    const partner = await aPartner();
    const rows = Array.from({ length: 20 }, () => aRow({ externalId: 'the-same', to: partner }));
    const results = await Promise.all(rows.map((row) => acceptMessages(db.pool, [row])));
    expect(results.filter((r) => r.fresh.size === 1)).toHaveLength(1);
    const { rows: stored } = await db.pool.query('select from delivery where partner = $1', [partner]);
    expect(stored).toHaveLength(1);
  });

  it('keeps accept order in a lane and counts the case up', async () => {
    const partner = await aPartner();
    const caseRef = `C-${randomUUID()}`;
    const first = aRow({ caseRef, opens: opening, to: partner, lane: caseRef });
    const rest = Array.from({ length: 3 }, () => aRow({ caseRef, to: partner, lane: caseRef }));
    await acceptMessages(db.pool, [first, ...rest]);
    for (const [i, expected] of [first, ...rest].entries()) {
      const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
      expect(claimed.map((c) => c.messageId)).toEqual([expected.messageId]);
      expect(claimed[0]?.caseSeq).toBe(i + 1);
      expect(claimed[0]?.sealed).toEqual(expected.sealed);
      const settled = await settleDeliveries(db.pool, [ended(claimed[0]!)]);
      expect(settled.applied.size).toBe(1);
    }
  });

  it('lifts a bulk head, and bulk behind it, to the band of what waits behind them', async () => {
    const partner = await aPartner(1);
    const caseRef = `C-${randomUUID()}`;
    const other = aRow({ to: partner, band: 2, acceptedAt: '2020-01-01T00:00:00Z' });
    const first = aRow({ caseRef, opens: opening, to: partner, lane: caseRef, band: 2 });
    const second = aRow({ caseRef, to: partner, lane: caseRef, band: 2 });
    const third = aRow({ caseRef, to: partner, lane: caseRef, band: 1 });
    for (const row of [other, first, second, third]) await acceptMessages(db.pool, [row]);
    const went: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
      went.push(...claimed.map((c) => c.messageId));
      await settleDeliveries(db.pool, claimed.map(ended));
    }
    expect(went).toEqual([first, second, third, other].map((row) => row.messageId));
  });

  it('takes no partner that is not there yet for a party of the case', async () => {
    const caseRef = `C-${randomUUID()}`;
    await acceptMessages(db.pool, [aRow({ caseRef, opens: opening, to: '-' })]);
    const { rows } = await db.pool.query('select partner from case_party where case_ref = $1', [caseRef]);
    expect(rows).toEqual([{ partner: 'ylf' }]);
  });

  it('refuses to bind one partner reference to two cases', async () => {
    const partnerCaseRef = `P-${randomUUID()}`;
    const a = aRow({ caseRef: `A-${randomUUID()}`, opens: opening, partnerCaseRef });
    const b = aRow({ caseRef: `B-${randomUUID()}`, opens: opening, partnerCaseRef });
    await acceptMessages(db.pool, [a]);
    await expect(acceptMessages(db.pool, [b])).rejects.toMatchObject({ code: CASE_RACED });
    const [context] = await readContexts(db.pool, [
      {
        source: b.source,
        externalId: b.externalId,
        sender: 'ylf',
        caseRef: null,
        partnerCaseRef,
        causationId: null,
        recalls: null,
      },
    ]);
    expect(context?.partnerCase?.caseRef).toBe(a.caseRef);
    expect(context?.known).toBeNull();
  });
});

describe('claim', () => {
  it('never exceeds the window over concurrent claimers', async () => {
    const partner = await aPartner(5);
    await acceptMessages(
      db.pool,
      Array.from({ length: 20 }, () => aRow({ to: partner })),
    );
    const claims = await Promise.all(
      Array.from({ length: 4 }, () => claimDeliveries(db.pool, partner, 'ordinary', claimOptions)),
    );
    expect(claims.flatMap((c) => c.claimed)).toHaveLength(5);
  });

  it('takes urgent work by a stream of its own, past a resting gate', async () => {
    const partner = await aPartner();
    await db.pool.query(
      `update gate set state = 'resting', until = ledger_now() + interval '1 hour' where partner = $1 and stream = 'ordinary'`,
      [partner],
    );
    await acceptMessages(db.pool, [aRow({ to: partner }), aRow({ to: partner, band: 0 })]);
    expect((await claimDeliveries(db.pool, partner, 'ordinary', claimOptions)).claimed).toHaveLength(0);
    const urgent = await claimDeliveries(db.pool, partner, 'urgent', claimOptions);
    expect(urgent.claimed.map((c) => c.band)).toEqual([0]);
  });
});

describe('settle', () => {
  it('holds the followers of a parked head until it ends, and frees exactly the next', async () => {
    const partner = await aPartner();
    const caseRef = `C-${randomUUID()}`;
    const rows = [
      aRow({ caseRef, opens: opening, to: partner, lane: caseRef }),
      aRow({ caseRef, to: partner, lane: caseRef }),
    ];
    await acceptMessages(db.pool, rows);
    const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    await settleDeliveries(db.pool, [
      {
        deliveryId: claimed[0]!.deliveryId,
        attemptId: claimed[0]!.attemptId,
        from: ['claimed'],
        verb: { do: 'park', forMs: 1_000 },
        fault: { code: 'partner-refused/refused', stage: 'settle', detail: 'refused' },
        owner: 'front-door',
        stations: ['delivery.parked'],
      },
    ]);
    expect((await claimDeliveries(db.pool, partner, 'ordinary', claimOptions)).claimed).toHaveLength(0);
    const settled = await settleDeliveries(db.pool, [
      {
        deliveryId: claimed[0]!.deliveryId,
        from: ['parked'],
        verb: { do: 'end', state: 'discarded' },
        stations: ['delivery.discarded'],
      },
    ]);
    expect(settled.wake).toEqual([partner]);
    const next = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    expect(next.claimed.map((c) => c.messageId)).toEqual([rows[1]!.messageId]);
    const { rows: receipt } = await db.pool.query('select due from receipt where message_id = $1', [
      rows[0]!.messageId,
    ]);
    expect(receipt).toEqual([{ due: true }]);
  });

  it('ignores an outcome whose token is no longer the claim', async () => {
    const partner = await aPartner();
    await acceptMessages(db.pool, [aRow({ to: partner })]);
    const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    const stale = { ...ended(claimed[0]!), attemptId: randomUUID() };
    expect((await settleDeliveries(db.pool, [stale])).applied.size).toBe(0);
    expect((await settleDeliveries(db.pool, [ended(claimed[0]!)])).applied.size).toBe(1);
    expect((await settleDeliveries(db.pool, [ended(claimed[0]!)])).applied.size).toBe(0);
  });

  it('rests the gate once for many refusals, lets one probe through, and opens with a small window', async () => {
    const partner = await aPartner();
    await acceptMessages(
      db.pool,
      Array.from({ length: 12 }, () => aRow({ to: partner })),
    );
    const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    const rest = { effect: 'rest', forMs: 2_000, reason: 'connection-refused' } as const;
    await settleDeliveries(
      db.pool,
      claimed.map((c) => ({
        deliveryId: c.deliveryId,
        attemptId: c.attemptId,
        from: ['claimed'],
        verb: { do: 'ready', inMs: 0, free: true },
        stations: ['delivery.retrying'],
        gate: rest,
      })),
    );
    const gate = async () =>
      (
        await db.pool.query(
          `select state, rests, window_now from gate where partner = $1 and stream = 'ordinary'`,
          [partner],
        )
      ).rows[0];
    expect(await gate()).toMatchObject({ state: 'resting', rests: 1 });
    expect((await claimDeliveries(db.pool, partner, 'ordinary', claimOptions)).claimed).toHaveLength(0);
    await db.pool.query(`update gate set until = ledger_now() where partner = $1`, [partner]);
    const probe = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    expect(probe.claimed).toHaveLength(1);
    expect((await claimDeliveries(db.pool, partner, 'ordinary', claimOptions)).claimed).toHaveLength(0);
    // What may not leave is no probe: the next one is, at once.
    const withheld = { ...ended(probe.claimed[0]!), verb: { do: 'end', state: 'withheld' } } as const;
    await settleDeliveries(db.pool, [{ ...withheld, gate: { effect: 'unprobed' } }]);
    const next = await claimDeliveries(db.pool, partner, 'ordinary', claimOptions);
    expect(next.claimed).toHaveLength(1);
    await settleDeliveries(db.pool, [{ ...ended(next.claimed[0]!), gate: { effect: 'success' } }]);
    expect(await gate()).toMatchObject({ state: 'open', rests: 0, window_now: 1 });
    const alerts = await db.pool.query('select from alert where partner = $1', [partner]);
    expect(alerts.rows).toHaveLength(1);
  });
});
