import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import {
  countStates,
  everythingAtRest,
  messagesBesides,
  readCopies,
  tellFigures,
  whatWentWrong,
} from './support/accounts.js';
import { startTopicLoad, type TopicLoad } from './support/intake-topic.js';
import { ownPostgres, type OwnPostgres } from './support/own-postgres.js';
import { answerSlowly } from './support/partners.js';
import { adaptersProcess, hubProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';
import { setStage, type Stage } from './support/stage.js';

const SECONDS = numberFrom('FAULT_SECONDS', 6);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)('a ledger put back from an earlier copy', () => {
  let postgres: OwnPostgres;
  let stage: Stage;
  let records: TopicLoad | undefined;

  const start = (args: string[] = []): Promise<void> => {
    const { alliance, databaseUrl } = stage;
    const ground = { databaseUrl, brokers: kafka!.brokers };
    return stage.start(
      () => hubProcess(alliance, 0, ground, args),
      () => adaptersProcess(alliance, 0, ground),
    );
  };

  beforeAll(async () => {
    postgres = await ownPostgres();
    stage = await setStage({ hubs: 1, kafka, postgres });
    await start();
  }, 120_000);

  afterAll(async () => {
    await records?.stop();
    await stage.clear();
  }, 60_000);

  it('reads again what the copy missed, and repeats nothing at a partner that cannot tell', async () => {
    const { partners, pool } = stage;
    const random = moments('restore');
    answerSlowly(partners, random);
    records = await startTopicLoad(kafka!.brokers, random, 10);
    await eventually(() => expect(partners.salus.received.length).toBeGreaterThan(5), { within: 30_000 });
    await postgres.stop();
    await postgres.copy();
    await postgres.start();
    await sleep(SECONDS * 1_000);

    await stage.killAll();
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

    tellFigures('restore', {
      'seconds lost': SECONDS,
      'copies lost': before.length - restored.length,
      'live in the copy': restored.filter(({ state }) => state !== 'acknowledged').length,
      'seconds until all were at rest': (Date.now() - begun) / 1_000,
      records: records.put.size,
      ...countStates(copies),
    });
    expect(before.length - restored.length).toBeGreaterThan(SECONDS);
    // What the copy missed is accepted anew under the delivery id that the partner knows; only the hub's own receipts
    // of it name a new messageId, and so are other messages.
    const ids = new Set(copies.map(({ deliveryId }) => deliveryId));
    const forgotten = partners.salus.received.filter(
      ({ deliveryid, body }) => !ids.has(deliveryid) && body.type !== 'mta.hub.receipt.v1',
    );
    expect(forgotten.map(({ deliveryid }) => deliveryid)).toEqual([]);
    expect(await whatWentWrong(stage, copies)).toEqual([]);
  }, 600_000);
});
