import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { eventually } from '../../../../tests/support/eventually.js';
import { aPartnerOf, aRow, opening } from '../../../../tests/support/rows.js';
import { acceptMessages, CASE_RACED } from './accept-messages.js';
import type { AcceptRow } from './accept-row.js';
import { claimDeliveries } from './claim-deliveries.js';
import { readContexts } from './read-context.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const claimOptions = { leaseMs: 5_000, timeoutMs: 10_000, carried: false };

describe('a copy that leaves while its message is being recalled', () => {
  /** Whom the recall would tell, as its routing knows it now. */
  const recipientsOf = async (message: AcceptRow): Promise<string[]> => {
    const [context] = await readContexts(db.pool, [
      {
        source: message.source,
        externalId: randomUUID(),
        sender: message.sender,
        caseRef: null,
        partnerCaseRef: null,
        causationId: null,
        recalls: { messageId: message.messageId, partners: null },
      },
    ]);
    return context?.recalled?.recipients ?? [];
  };
  const recallOf = (message: AcceptRow, recipients: string[]): AcceptRow =>
    aRow({
      caseRef: message.caseRef,
      type: 'mta.message.recalled.v1',
      recalls: { messageId: message.messageId, partners: null },
      decision: { context: { recipients } },
    });
  const recalled = async (message: AcceptRow): Promise<unknown> =>
    (await db.pool.query('select recalled from delivery where message_id = $1', [message.messageId])).rows;

  it('makes accept look again: nobody who may have it is left untold', async () => {
    const partner = await aPartnerOf(db.pool);
    const message = aRow({ caseRef: `C-${randomUUID()}`, opens: opening, to: partner });
    await acceptMessages(db.pool, [message]);
    const nobody = await recipientsOf(message);
    expect(nobody).toEqual([]);

    const other = await db.pool.connect();
    const recall = recallOf(message, nobody);
    try {
      await other.query('begin');
      const { claimed } = await claimDeliveries(other as unknown as Pool, partner, 'ordinary', claimOptions);
      expect(claimed).toHaveLength(1);
      const accepting = expect(acceptMessages(db.pool, [recall])).rejects.toMatchObject({ code: CASE_RACED });
      await eventually(async () => {
        const { rows } = await db.pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(1);
      });
      await other.query('commit');
      await accepting;
    } finally {
      other.release();
    }
    // Nothing of it is left behind, so that it can be accepted anew under the same id.
    expect(await recalled(message)).toEqual([{ recalled: false }]);
    const now = await recipientsOf(message);
    expect(now).toEqual([partner]);
    await acceptMessages(db.pool, [{ ...recallOf(message, now), externalId: recall.externalId }]);
    expect(await recalled(message)).toEqual([{ recalled: true }]);
  });
});
