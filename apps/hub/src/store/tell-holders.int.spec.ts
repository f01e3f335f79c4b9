import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { eventually } from '../../../../tests/support/eventually.js';
import { aPartnerOf, aRow, opening } from '../../../../tests/support/rows.js';
import { acceptMessages, CASE_RACED } from './accept-messages.js';
import type { AcceptRow } from './accept-row.js';
import { claimDeliveries } from './claim-deliveries.js';
import { redirectDelivery } from './redirect-delivery.js';
import { assignRole } from './sweeps.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const given = { party: '*', dataClass: '*', purpose: '*', status: 'given' as const };

/** A case with one holder, and how consent is withdrawn in it by somebody who knows these holders. */
async function setup(): Promise<{
  caseRef: string;
  holder: string;
  first: AcceptRow;
  withdrawal: (holders: string[]) => AcceptRow;
}> {
  const caseRef = `C-${randomUUID()}`;
  const holder = await aPartnerOf(db.pool);
  const first = aRow({ caseRef, opens: opening, to: holder, consents: [given] });
  await acceptMessages(db.pool, [first]);
  const id = { messageId: uuidv7(), externalId: randomUUID() };
  return {
    caseRef,
    holder,
    first,
    withdrawal: (holders) =>
      aRow({
        ...id,
        type: 'mta.consent.changed.v1',
        caseRef,
        holders,
        consents: [{ ...given, status: 'withdrawn' }],
      }),
  };
}

/** What a claim of the partner's next copy knows of consent. */
async function claimedConsents(partner: string): Promise<string[]> {
  const options = { leaseMs: 5_000, timeoutMs: 10_000, carried: false };
  const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', options);
  expect(claimed).toHaveLength(1);
  return claimed[0]?.consents.map(({ status }) => status) ?? [];
}

/** Begins to accept, does `meanwhile` once it is held up, and commits. */
async function underAccept(row: AcceptRow, meanwhile: () => Promise<unknown>): Promise<void> {
  const other = await db.pool.connect();
  try {
    await other.query('begin');
    await acceptMessages(other as unknown as Pool, [row]);
    const held = meanwhile();
    await eventually(
      async () => {
        const { rows } = await db.pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(1);
      },
      { within: 3_000 },
    );
    await other.query('commit');
    await held;
  } finally {
    await other.query('rollback');
    other.release();
  }
}

it('accepts anew what would miss a holder that came to the case since it was routed', async () => {
  const { caseRef, holder, withdrawal } = await setup();
  const late = await aPartnerOf(db.pool);
  const more = aRow({ caseRef, to: late });
  await acceptMessages(db.pool, [more]);
  expect(await claimedConsents(late)).toEqual(['given']);

  await expect(acceptMessages(db.pool, [withdrawal([holder])])).rejects.toMatchObject({ code: CASE_RACED });
  expect((await db.pool.query(`select from consent where status = 'withdrawn'`)).rowCount).toBe(0);
  // The sender and its own recipients are no news.
  await acceptMessages(db.pool, [withdrawal([holder, late])]);
  expect((await db.pool.query(`select from consent where status = 'withdrawn'`)).rowCount).toBe(1);
});

it('accepts one by one what would miss a holder that its own batch brings', async () => {
  const { caseRef, holder, withdrawal } = await setup();
  const late = await aPartnerOf(db.pool);
  const batch = [aRow({ caseRef, to: late }), withdrawal([holder])];
  await expect(acceptMessages(db.pool, batch)).rejects.toMatchObject({ code: CASE_RACED });
  await acceptMessages(db.pool, [{ ...withdrawal([]), holders: null }]);
});

it('holds up a redirect, so that what goes to a new holder knows what the others are told', async () => {
  const { holder, first, withdrawal } = await setup();
  const to = await aPartnerOf(db.pool);
  const deliveryId = first.deliveries[0]?.deliveryId ?? '';
  await underAccept(withdrawal([holder]), async () => {
    const redirected = await redirectDelivery(db.pool, {
      deliveryId,
      from: holder,
      to: { partner: to, role: 'front-door', owner: 'ops', deliveryId: uuidv7() },
      by: 'a person',
      reason: 'test',
    });
    expect(redirected.done).toBe(true);
  });
  expect(await claimedConsents(to)).toEqual(['given', 'withdrawn']);
});

it('holds up the filling of a role in the same way', async () => {
  const { caseRef, holder, withdrawal } = await setup();
  const role = `r-${randomUUID()}`;
  const to = await aPartnerOf(db.pool);
  const waiting = aRow({ caseRef, to: '-' });
  Object.assign(waiting.deliveries[0] as object, {
    role,
    state: 'blocked',
    fault: { code: 'routing/no-partner', stage: 'route', detail: 'test' },
  });
  await acceptMessages(db.pool, [waiting]);
  await underAccept(withdrawal([holder]), async () => expect(await assignRole(db.pool, role, to)).toBe(1));
  expect(await claimedConsents(to)).toEqual(['given', 'withdrawn']);
});
