import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import { countStates, everythingAtRest, tellFigures, whatWentWrong } from './support/accounts.js';
import type { Child } from './support/child.js';
import { startLoad } from './support/load.js';
import { answerSlowly } from './support/partners.js';
import { adaptersProcess, hubProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';
import { setStage, type Stage } from './support/stage.js';

const KILLS = numberFrom('FAULT_KILLS', 5);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)(
  'two hubs and three processes of adapters, killed one by one under load',
  () => {
    let stage: Stage;
    /** How each of the five is started. */
    const starts: (() => Child)[] = [];

    beforeAll(async () => {
      stage = await setStage({ hubs: 2, kafka });
      const ground = { databaseUrl: stage.databaseUrl, brokers: kafka!.brokers };
      for (const n of [0, 1]) starts.push(() => hubProcess(stage.alliance, n, ground));
      for (const n of [0, 1, 2]) starts.push(() => adaptersProcess(stage.alliance, n, ground));
      for (const start of starts) await stage.start(start);
    }, 120_000);

    afterAll(() => stage.clear(), 60_000);

    it('keep every Receipt, double nothing, and bring every urgent message', async () => {
      const { alliance, partners, pool, running } = stage;
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
      const copies = await eventually(() => everythingAtRest(pool), { within: 120_000 });

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
      expect(await whatWentWrong(stage, copies, load)).toEqual([]);
    }, 600_000);
  },
);
