import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import { countStates, everythingAtRest, readCopies, tellFigures, whatWentWrong } from './support/accounts.js';
import { startLoad } from './support/load.js';
import { answerSlowly } from './support/partners.js';
import { adaptersProcess, hubProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';
import { setStage, type Stage } from './support/stage.js';

const SECONDS = numberFrom('FAULT_SECONDS', 6);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)('the broker, killed under load', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await setStage({ hubs: 1, kafka });
    const { alliance, databaseUrl } = stage;
    const ground = { databaseUrl, brokers: kafka!.brokers };
    await stage.start(
      () => hubProcess(alliance, 0, ground),
      () => adaptersProcess(alliance, 0, ground),
    );
  }, 120_000);

  afterAll(() => stage.clear(), 60_000);

  it('stops no accept and costs no attempt', async () => {
    const { alliance, partners, pool } = stage;
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
    const waiting = (await readCopies(pool)).filter(({ messageId }) => meanwhile.includes(messageId));
    await kafka!.start();
    const upAt = Date.now();
    await load.stop();
    const copies = await eventually(() => everythingAtRest(pool), { within: 120_000 });

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
    expect(await whatWentWrong(stage, copies, load)).toEqual([]);
  }, 600_000);
});
