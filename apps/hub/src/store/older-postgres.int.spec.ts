import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { eventually } from '../../../../tests/support/eventually.js';
import { olderPostgres, startOlderPostgres } from '../../../../tests/support/older-postgres.js';
import { aPartnerOf, aRow, opening } from '../../../../tests/support/rows.js';
import { createPool } from '../platform/postgres.js';
import { acceptMessages } from './accept-messages.js';
import { claimDeliveries } from './claim-deliveries.js';
import { migrate } from './migrate.js';
import { readContexts } from './read-context.js';
import { settleDeliveries } from './settle-deliveries.js';

const bin = olderPostgres();
if (!bin)
  process.stderr.write(
    'OLDER POSTGRESQL TESTS SKIPPED: there is no PostgreSQL 15, 16 or 17 in /usr/lib/postgresql.\n',
  );

(bin ? describe : describe.skip)('a PostgreSQL of the operator’s own, as old as is taken', () => {
  let cluster: Awaited<ReturnType<typeof startOlderPostgres>>;
  let pool: Pool;
  beforeAll(async () => {
    cluster = await startOlderPostgres(bin as string);
    pool = createPool(cluster.url, { max: 2, applicationName: 'test', statementTimeoutMs: 30_000 });
    await eventually(() => pool.query('select 1'), { within: 20_000 });
    await migrate(cluster.url);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await cluster?.stop();
  });

  it('carries a message from accept to its end', async () => {
    const to = await aPartnerOf(pool);
    const caseRef = `C-${randomUUID()}`;
    const facts = { area: 'medway' };
    const given = { party: to, dataClass: 'all', purpose: 'care', status: 'given' as const };
    const opens = aRow({ caseRef, opens: opening, partnerCaseRef: 'P-1', facts, to, lane: caseRef });
    await acceptMessages(pool, [opens]);
    const answers = aRow({
      ...{ caseRef, facts, to, lane: caseRef, answer: 'receipt', causationId: opens.messageId },
      ...{ consents: [given, { ...given, status: 'withdrawn' as const }], restricts: true },
      ...{ holders: [to], recalls: { messageId: opens.messageId, partners: null } },
    });
    await acceptMessages(pool, [answers]);
    const query = { source: answers.source, externalId: answers.externalId, sender: 'ylf', caseRef };
    const [known] = await readContexts(pool, [
      { ...query, partnerCaseRef: 'P-1', causationId: opens.messageId, recalls: answers.recalls },
    ]);
    expect(known).toMatchObject({ case: { area: 'medway' }, recalled: { source: '/partners/ylf' } });
    for (const { deliveries } of [opens, answers]) {
      const lease = { leaseMs: 5_000, timeoutMs: 1_000, carried: false };
      const { claimed } = await claimDeliveries(pool, to, 'ordinary', lease);
      expect(claimed.map(({ deliveryId }) => deliveryId)).toEqual([deliveries[0]?.deliveryId]);
      const { applied } = await settleDeliveries(
        pool,
        claimed.map(({ deliveryId, attemptId }) => ({
          ...{ deliveryId, attemptId, from: ['claimed' as const], stations: ['partner.received'] },
          ...{
            verb: { do: 'end' as const, state: 'acknowledged' as const },
            gate: { effect: 'success' as const },
          },
        })),
      );
      expect(applied.size).toBe(1);
    }
  });
});
