import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { aStepUpToNelft } from '../../../../tests/support/builders.js';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { deriveRulesFor } from '../../../../tests/support/derive-rules.js';
import { aPartnerOf, aRow, opening } from '../../../../tests/support/rows.js';
import type { Logger } from '../platform/log.js';
import { newHubKeys, parseHubKeys } from '../platform/sealing.js';
import { acceptMessages } from '../store/accept-messages.js';
import { claimDeliveries, type ClaimedDelivery } from '../store/claim-deliveries.js';
import { readCopies } from '../store/read-copies.js';
import { readToReexamine, reexamined } from '../store/reexamine.js';
import { Bodies } from '../store/sealing-keys.js';
import { settleDeliveries } from '../store/settle-deliveries.js';
import { reexamine, type ReexamineTools } from './reexamine.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const keys = parseHubKeys(newHubKeys());
const given = { party: '*', dataClass: '*', purpose: '*', status: 'given' as const };
const log = { info: () => undefined, error: () => undefined } as unknown as Logger;

/** A copy for a partner that reads its inbox, with consent. */
async function setup(): Promise<{
  tools: ReexamineTools;
  partner: string;
  withdraw: () => Promise<unknown>;
}> {
  const bodies = new Bodies(db.pool, keys);
  const partner = await aPartnerOf(db.pool);
  const caseRef = `C-${randomUUID()}`;
  const message = aRow({ caseRef, opens: opening, to: partner, consents: [given] });
  message.sealed = await bodies.seal(message.messageId, JSON.stringify(aStepUpToNelft({ caseref: caseRef })));
  await acceptMessages(db.pool, [message]);
  return {
    partner,
    withdraw: () =>
      acceptMessages(db.pool, [aRow({ caseRef, consents: [{ ...given, status: 'withdrawn' }] })]),
    tools: {
      rules: deriveRulesFor(bodies, partner, 'inbox'),
      due: () => readToReexamine(db.pool, 10),
      read: (ids) => readCopies(db.pool, ids, 'now'),
      settle: (settlements) => settleDeliveries(db.pool, settlements),
      done: (ids) => reexamined(db.pool, ids),
      log,
    },
  };
}

/** Claims in a transaction of its own, that ends when told; until then others see the delivery as it was. */
async function claiming(partner: string): Promise<{ attempt: ClaimedDelivery; commit: () => Promise<void> }> {
  const other = await db.pool.connect();
  await other.query('begin');
  const { claimed } = await claimDeliveries(other as unknown as Pool, partner, 'ordinary', {
    leaseMs: 5_000,
    timeoutMs: 10_000,
    carried: false,
  });
  const commit = async (): Promise<void> => {
    await other.query('commit');
    other.release();
  };
  return { attempt: claimed[0] as ClaimedDelivery, commit };
}

const stateOf = async ({ deliveryId }: ClaimedDelivery): Promise<unknown> =>
  (
    await db.pool.query<{ state: string }>(
      `select state from delivery where delivery_id = $1
       union all select state from delivery_ended where delivery_id = $1`,
      [deliveryId],
    )
  ).rows.map(({ state }) => state);

const intoTheInbox = ({ deliveryId, attemptId }: ClaimedDelivery): Promise<unknown> =>
  settleDeliveries(db.pool, [
    {
      deliveryId,
      attemptId,
      from: ['claimed'],
      verb: { do: 'hand-over', forMs: 60_000 },
      stations: ['delivery.handed-over'],
    },
  ]);

it('ends no copy that a claim took while consent was being withdrawn, and follows it into the inbox', async () => {
  const { tools, partner, withdraw } = await setup();
  const { attempt, commit } = await claiming(partner);
  expect(attempt.consents).toHaveLength(1);
  await withdraw();
  // The claim ends between the look at what was said and the look at the copy.
  await reexamine({
    ...tools,
    due: async () => {
      const due = await tools.due();
      expect(due).toHaveLength(1);
      await commit();
      return due;
    },
  });
  expect(await stateOf(attempt)).toEqual(['claimed']);

  await intoTheInbox(attempt);
  await reexamine(tools);
  expect(await stateOf(attempt)).toEqual(['withheld']);
});

it('looks again where the copy was claimed and laid into the inbox during the look', async () => {
  const { tools, partner, withdraw } = await setup();
  const { attempt, commit } = await claiming(partner);
  await withdraw();
  await reexamine({
    ...tools,
    read: async (ids) => {
      const ready = await tools.read(ids);
      expect(ready).toMatchObject([{ state: 'ready' }]);
      await commit();
      await intoTheInbox(attempt);
      return ready;
    },
  });
  expect(await stateOf(attempt)).toEqual(['handed-over']);

  await reexamine(tools);
  expect(await stateOf(attempt)).toEqual(['withheld']);
  await reexamine(tools);
  expect(await tools.due()).toEqual([]);
});
