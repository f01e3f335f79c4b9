import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aStepUpToNelft } from '../../../../tests/support/builders.js';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { deriveRulesFor } from '../../../../tests/support/derive-rules.js';
import { aPartnerOf, aRow, opening } from '../../../../tests/support/rows.js';
import { newHubKeys, parseHubKeys } from '../platform/sealing.js';
import { acceptMessages } from '../store/accept-messages.js';
import { claimDeliveries, type ClaimedDelivery } from '../store/claim-deliveries.js';
import { CopyForms } from '../store/copy-forms.js';
import { readCopies } from '../store/read-copies.js';
import { Bodies } from '../store/sealing-keys.js';
import { deriveCopy, type DeriveRules } from './derive-copy.js';
import { LeftCopies } from './left-copies.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

/** One process of the hub, with a memory of its own. */
function aProcess(bodies: Bodies, partner: string): { rules: DeriveRules; left: LeftCopies } {
  const rules = deriveRulesFor(bodies, partner);
  const forms = new CopyForms(db.pool);
  const left = new LeftCopies({
    keep: (all) => forms.keep(all),
    readClaimed: (ids) => readCopies(db.pool, ids, 'claim'),
    derive: (facts, at) => deriveCopy(rules, facts, at),
  });
  return { rules, left };
}

it('a process that knows nothing of an attempt records what left at its claim, whatever was said since', async () => {
  const bodies = new Bodies(db.pool, parseHubKeys(newHubKeys()));
  const partner = await aPartnerOf(db.pool);
  const caseRef = `C-${randomUUID()}`;
  const given = { party: '*', dataClass: '*', purpose: '*', status: 'given' as const };
  const message = aRow({ caseRef, opens: opening, to: partner, consents: [given] });
  const envelope = aStepUpToNelft({ caseref: caseRef });
  message.sealed = await bodies.seal(message.messageId, JSON.stringify(envelope));
  await acceptMessages(db.pool, [message]);
  // Ledger time of a withdrawal that is read before the claim, and committed after it.
  const { rows } = await db.pool.query<{ now: Date }>('select ledger_now() as now');
  const acceptedAt = rows[0]?.now.toISOString() ?? '';
  const { claimed } = await claimDeliveries(db.pool, partner, 'ordinary', {
    leaseMs: 5_000,
    timeoutMs: 10_000,
    carried: false,
  });
  const attempt = claimed[0] as ClaimedDelivery;

  const one = aProcess(bodies, partner);
  const copy = await deriveCopy(one.rules, attempt, attempt.claimedAt);
  const sent = (await one.left.note([{ attemptId: attempt.attemptId, copy }])).get(attempt.attemptId);
  expect(sent).toMatchObject({ consent: [message.messageId] });

  // Consent ends, and the person becomes one whom nobody may find, while the copy is on its way.
  await acceptMessages(db.pool, [
    aRow({ caseRef, acceptedAt, restricts: true, consents: [{ ...given, status: 'withdrawn' }] }),
  ]);
  await db.pool.query('update delivery set recalled = true where message_id = $1', [message.messageId]);
  const [today] = await readCopies(db.pool, [attempt.deliveryId], 'now');
  expect(await deriveCopy(one.rules, today as NonNullable<typeof today>, new Date())).toMatchObject({
    action: 'withhold',
  });

  const other = aProcess(bodies, partner);
  expect((await other.left.take([attempt])).get(attempt.attemptId)).toEqual(sent);
  // The one that made it says the same, and another attempt's copy is not taken for this one's.
  expect((await one.left.take([attempt])).get(attempt.attemptId)).toEqual(sent);
  expect(await other.left.take([{ ...attempt, attemptId: randomUUID() }])).toEqual(new Map());
});
