import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import {
  acknowledgedButNotReceived,
  brokenReceipts,
  checkFinds,
  countStates,
  everythingAtRest,
  readCopies,
  tellFigures,
} from './support/accounts.js';
import { allianceForFaults, type AllianceForFaults } from './support/alliance-for-faults.js';
import type { Child } from './support/child.js';
import { abandonLoads, startLoad } from './support/load.js';
import { answerSlowly, closePartners, startPartners, type Partners } from './support/partners.js';
import { adaptersProcess, hubProcess, type Ground } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';

const SECONDS = numberFrom('FAULT_SECONDS', 6);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)('the broker, killed under load', () => {
  let database: FreshDatabase;
  let partners: Partners;
  let alliance: AllianceForFaults;
  const running: Child[] = [];

  beforeAll(async () => {
    database = await freshDatabase();
    partners = await startPartners();
    alliance = await allianceForFaults({ nkm: partners.nkm.url, salus: partners.salus.url }, 1);
    const ground: Ground = { databaseUrl: database.url, brokers: kafka!.brokers };
    running.push(hubProcess(alliance, 0, ground), adaptersProcess(alliance, 0, ground));
    await Promise.all(running.map((child) => child.ready));
  }, 120_000);

  afterAll(async () => {
    await abandonLoads();
    await Promise.all(running.map((child) => child.kill()));
    await closePartners(partners);
    alliance.remove();
    await database.drop();
    await kafka?.stop();
  }, 60_000);

  it('stops no accept and costs no attempt', async () => {
    const random = moments('kafka-down');
    answerSlowly(partners, random);
    const load = startLoad(alliance, random, 10);
    await eventually(() => expect(partners.salus.received.length).toBeGreaterThan(5), { within: 30_000 });

    await kafka!.kill();
    const downAt = Date.now();
    const acceptedMeanwhile = () => load.kept.filter(({ at }) => at > downAt + 500);
    await eventually(() => expect(Date.now() - downAt).toBeGreaterThan(SECONDS * 1_000), {
      within: SECONDS * 2_000,
    });
    const meanwhile = acceptedMeanwhile().map(({ messageId }) => messageId);
    // What was accepted since cannot have been carried: there is no way out.
    const waiting = (await readCopies(database.pool)).filter(({ messageId }) =>
      meanwhile.includes(messageId),
    );
    await kafka!.start();
    const upAt = Date.now();
    await load.stop();
    const copies = await eventually(() => everythingAtRest(database.pool), { within: 120_000 });

    tellFigures('kafka-down', {
      'seconds down': SECONDS,
      'accepted meanwhile': meanwhile.length,
      'seconds until all were at rest': (Date.now() - upAt) / 1_000,
      receipts: load.kept.length,
      ...countStates(copies),
    });
    expect(meanwhile.length).toBeGreaterThan(SECONDS);
    expect(load.refused).toEqual([]);
    expect(waiting.filter(({ state }) => state !== 'ready' && state !== 'queued')).toEqual([]);
    expect(waiting.filter(({ attempts }) => attempts > 0)).toEqual([]);
    expect(copies.filter(({ attempts, state }) => attempts > 1 || state === 'parked')).toEqual([]);
    expect(await brokenReceipts(database.pool, load.kept)).toEqual([]);
    expect(partners.salus.doubles()).toBe(0);
    expect(acknowledgedButNotReceived(copies, { ...partners })).toEqual([]);
    expect(await checkFinds(alliance)).toEqual([]);
  }, 600_000);
});
