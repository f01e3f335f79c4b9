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
  tellFigures,
  unmarkedRepeats,
} from './support/accounts.js';
import { allianceForFaults, type AllianceForFaults } from './support/alliance-for-faults.js';
import type { Child } from './support/child.js';
import { abandonLoads, startLoad } from './support/load.js';
import { answerSlowly, closePartners, startPartners, type Partners } from './support/partners.js';
import { adaptersProcess, hubProcess, type Ground } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';

const KILLS = numberFrom('FAULT_KILLS', 5);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)(
  'two hubs and three processes of adapters, killed one by one under load',
  () => {
    let database: FreshDatabase;
    let partners: Partners;
    let alliance: AllianceForFaults;
    let ground: Ground;
    /** How each of the five is started, and what runs of it. */
    const starts: (() => Child)[] = [];
    const running: Child[] = [];

    beforeAll(async () => {
      database = await freshDatabase();
      partners = await startPartners();
      alliance = await allianceForFaults({ nkm: partners.nkm.url, salus: partners.salus.url }, 2);
      ground = { databaseUrl: database.url, brokers: kafka!.brokers };
      for (const n of [0, 1]) starts.push(() => hubProcess(alliance, n, ground));
      for (const n of [0, 1, 2]) starts.push(() => adaptersProcess(alliance, n, ground));
      for (const start of starts) {
        const child = start();
        running.push(child);
        await child.ready;
      }
    }, 120_000);

    afterAll(async () => {
      await abandonLoads();
      await Promise.all(running.map((child) => child.kill()));
      await closePartners(partners);
      alliance.remove();
      await database.drop();
      await kafka?.stop();
    }, 60_000);

    it('keep every Receipt, double nothing, and bring every urgent message', async () => {
      const random = moments('kill-many');
      const begun = Date.now();
      answerSlowly(partners, random);
      const load = startLoad(alliance, random, 15);
      for (let kill = 0; kill < KILLS; kill += 1) {
        await random.passes(300, 4_000);
        const victim = random.oneOf([0, 1, 2, 3, 4]);
        await running[victim]!.kill();
        running[victim] = starts[victim]!();
      }
      await Promise.all(running.map((child) => child.ready));
      await load.stop();
      const copies = await eventually(() => everythingAtRest(database.pool), { within: 120_000 });

      tellFigures('kill-many', {
        receipts: load.kept.length,
        ambiguous: load.ambiguous(),
        ...countStates(copies),
        'repeats at nkm': partners.nkm.received.filter(({ copy }) => copy > 1).length,
        kills: KILLS,
        seconds: (Date.now() - begun) / 1_000,
      });
      expect(load.kept.length).toBeGreaterThan(KILLS);
      expect(load.refused).toEqual([]);
      expect(await brokenReceipts(database.pool, load.kept)).toEqual([]);
      expect(partners.salus.doubles()).toBe(0);
      expect(acknowledgedButNotReceived(copies, { ...partners })).toEqual([]);
      expect(unmarkedRepeats(partners.nkm)).toEqual([]);
      expect(
        copies.filter(({ type, state }) => type.startsWith('mta.risk.') && state !== 'acknowledged'),
      ).toEqual([]);
      expect(await checkFinds(alliance)).toEqual([]);
    }, 600_000);
  },
);
