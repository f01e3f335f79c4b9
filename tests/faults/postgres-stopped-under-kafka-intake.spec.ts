import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import {
  countStates,
  everythingAtRest,
  messagesBesides,
  tellFigures,
  whatWentWrong,
} from './support/accounts.js';
import { startTopicLoad, type TopicLoad } from './support/intake-topic.js';
import { startLoad } from './support/load.js';
import { ownPostgres, type OwnPostgres } from './support/own-postgres.js';
import { answerSlowly } from './support/partners.js';
import { adaptersProcess, hubProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';
import { setStage, type Stage } from './support/stage.js';

const SECONDS = numberFrom('FAULT_SECONDS', 6);
const kafka = await ownKafka();

(kafka ? describe : describe.skip)('PostgreSQL, stopped while records keep coming', () => {
  let postgres: OwnPostgres;
  let stage: Stage;
  let records: TopicLoad | undefined;

  beforeAll(async () => {
    postgres = await ownPostgres();
    stage = await setStage({ hubs: 1, kafka, postgres });
    const { alliance, databaseUrl } = stage;
    const ground = { databaseUrl, brokers: kafka!.brokers };
    await stage.start(
      () => hubProcess(alliance, 0, ground),
      () => adaptersProcess(alliance, 0, ground),
    );
  }, 120_000);

  afterAll(async () => {
    await records?.stop();
    await stage.clear();
  }, 60_000);

  it('misses nothing, doubles nothing, and gives no Receipt meanwhile', async () => {
    const { alliance, partners, pool } = stage;
    const random = moments('postgres-stopped');
    answerSlowly(partners, random);
    records = await startTopicLoad(kafka!.brokers, random, 10);
    const posts = startLoad(alliance, random, 5);
    // Both kinds of load are under way before anything is taken away.
    await eventually(() => expect(Math.min(posts.kept.length, records!.put.size)).toBeGreaterThan(5), {
      within: 30_000,
    });

    await postgres.stop();
    const [stoppedAt, before] = [Date.now(), records.put.size];
    await sleep(SECONDS * 1_000);
    const [startedAt, meanwhile] = [Date.now(), records.put.size - before];
    await postgres.start();
    await eventually(() => expect(posts.kept.filter(({ at }) => at > startedAt).length).toBeGreaterThan(5), {
      within: 60_000,
    });
    const servedAgainAfter = (posts.kept.find(({ at }) => at > startedAt)!.at - startedAt) / 1_000;
    await Promise.all([records.stop(), posts.stop()]);

    const wanted = new Set([
      ...records.put,
      ...posts.kept.map(({ party, id }) => `/partners/${party} ${id}`),
    ]);
    await eventually(async () => expect(await messagesBesides(pool, wanted)).toEqual([]), { within: 60_000 });
    const copies = await eventually(() => everythingAtRest(pool), { within: 120_000 });
    tellFigures('postgres-stopped', {
      'seconds stopped': SECONDS,
      'records meanwhile': meanwhile,
      'refused meanwhile': posts.refused.length,
      'seconds until the next Receipt': servedAgainAfter,
      messages: wanted.size,
      ...countStates(copies),
    });
    expect(meanwhile).toBeGreaterThan(SECONDS);
    expect(posts.kept.filter(({ at }) => at > stoppedAt + 500 && at < startedAt)).toEqual([]);
    expect(posts.refused.length).toBeGreaterThan(0);
    expect(posts.refused.filter(({ status, retryAfter }) => status !== 503 || !retryAfter)).toEqual([]);
    expect(await whatWentWrong(stage, copies)).toEqual([]);
  }, 600_000);
});
