import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { countStates, everythingAtRest, tellFigures, whatWentWrong } from './support/accounts.js';
import type { Child } from './support/child.js';
import { startLoad } from './support/load.js';
import { answerSlowly } from './support/partners.js';
import { singleProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';
import { setStage, type Stage } from './support/stage.js';

const KILLS = numberFrom('FAULT_KILLS', 6);

describe('the single process, killed again and again under load', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await setStage({ hubs: 1 });
  });

  afterAll(() => stage.clear(), 60_000);

  it('keeps every Receipt, doubles nothing, and says of every copy where it is', async () => {
    const { alliance, partners, pool, running } = stage;
    const start = (): Child => (running[0] = singleProcess(alliance, stage.databaseUrl));
    const random = moments('kill-single-process');
    const begun = Date.now();
    answerSlowly(partners, random);
    let hub = start();
    await hub.ready;
    const load = startLoad(alliance, random, 20);
    for (let kill = 0; kill < KILLS; kill += 1) {
      // One time in four it does not even get as far as being ready.
      if (random.next() < 0.75) await hub.ready;
      await random.passes(100, 1_800);
      await hub.kill();
      hub = start();
    }
    await hub.ready;
    await load.stop();
    const copies = await eventually(() => everythingAtRest(pool), { within: 90_000 });

    tellFigures('kill-single-process', {
      receipts: load.kept.length,
      ambiguous: load.ambiguous(),
      ...countStates(copies),
      kills: KILLS,
      seconds: (Date.now() - begun) / 1_000,
    });
    expect(load.kept.length).toBeGreaterThan(KILLS);
    expect(load.refused).toEqual([]);
    expect(await whatWentWrong(stage, copies, load)).toEqual([]);
  }, 600_000);
});
