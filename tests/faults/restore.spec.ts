import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createPool } from '../../apps/hub/src/platform/postgres.js';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import {
  acknowledgedButNotReceived,
  checkFinds,
  countStates,
  everythingAtRest,
  messagesBesides,
  readCopies,
  tellFigures,
} from './support/accounts.js';
import { allianceForFaults, type AllianceForFaults } from './support/alliance-for-faults.js';
import type { Child } from './support/child.js';
import { startTopicLoad, type TopicLoad } from './support/intake-topic.js';
import { ownPostgres, type OwnPostgres } from './support/own-postgres.js';
import { answerSlowly, closePartners, startPartners, type Partners } from './support/partners.js';
import { adaptersProcess, hubProcess, type Ground } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';

const SECONDS = numberFrom('FAULT_SECONDS', 6);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)('a ledger put back from an earlier copy', () => {
  let postgres: OwnPostgres;
  let pool: Pool;
  let partners: Partners;
  let alliance: AllianceForFaults;
  let ground: Ground;
  let records: TopicLoad | undefined;
  const running: Child[] = [];

  const start = async (args: string[] = []): Promise<void> => {
    running.push(hubProcess(alliance, 0, ground, args), adaptersProcess(alliance, 0, ground));
    await Promise.all(running.map((child) => child.ready));
  };
  const killAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((child) => child.kill()));
  };

  beforeAll(async () => {
    postgres = await ownPostgres();
    pool = createPool(postgres.url, { max: 2, applicationName: 'test', statementTimeoutMs: 30_000 });
    partners = await startPartners();
    alliance = await allianceForFaults({ nkm: partners.nkm.url, salus: partners.salus.url }, 1);
    ground = { databaseUrl: postgres.url, brokers: kafka!.brokers };
    await start();
  }, 120_000);

  afterAll(async () => {
    await records?.stop();
    await killAll();
    await pool.end();
    await postgres.remove();
    await closePartners(partners);
    alliance.remove();
    await kafka?.stop();
  }, 60_000);

  it('reads again what the copy missed, and repeats nothing at a partner that cannot tell', async () => {
    const random = moments('restore');
    answerSlowly(partners, random);
    records = await startTopicLoad(kafka!.brokers, random, 10);
    await eventually(() => expect(partners.salus.received.length).toBeGreaterThan(5), { within: 30_000 });
    await postgres.stop();
    await postgres.copy();
    await postgres.start();
    await sleep(SECONDS * 1_000);

    await killAll();
    const before = await readCopies(pool);
    await postgres.stop();
    await postgres.putBack();
    await postgres.start();
    const restored = await eventually(() => readCopies(pool));
    const begun = Date.now();
    await start(['--restored']);
    await records.stop();
    await eventually(async () => expect(await messagesBesides(pool, records!.put)).toEqual([]), {
      within: 60_000,
    });
    const copies = await eventually(() => everythingAtRest(pool), { within: 120_000 });

    // The hub's own receipts name the message that they speak of; one that the copy did not know has a new messageId,
    // so its receipt is another message.
    const receipts = new Set(
      partners.salus.received.flatMap(({ deliveryid, body }) =>
        body.type === 'mta.hub.receipt.v1' ? [deliveryid] : [],
      ),
    );
    const repeated = [...partners.salus.effects].filter(([id, times]) => times > 1 && !receipts.has(id));
    tellFigures('restore', {
      'seconds lost': SECONDS,
      'copies lost': before.length - restored.length,
      'live in the copy': restored.filter(({ state }) => state !== 'acknowledged').length,
      'seconds until all were at rest': (Date.now() - begun) / 1_000,
      records: records.put.size,
      ...countStates(copies),
    });
    expect(before.length - restored.length).toBeGreaterThan(SECONDS);
    expect(repeated).toEqual([]);
    // What the copy missed is accepted anew under the id that the partner knows.
    const ids = new Set(copies.map(({ deliveryId }) => deliveryId));
    const forgotten = partners.salus.received.filter(
      ({ deliveryid }) => !ids.has(deliveryid) && !receipts.has(deliveryid),
    );
    expect(forgotten.map(({ deliveryid }) => deliveryid)).toEqual([]);
    expect(acknowledgedButNotReceived(copies, { ...partners })).toEqual([]);
    expect(await checkFinds(alliance)).toEqual([]);
  }, 600_000);
});
