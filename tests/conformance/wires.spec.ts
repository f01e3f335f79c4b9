import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { INestMicroservice } from '@nestjs/common';
import { topics, type Fact, type Work } from '#contracts';
import { createKafkaWire, createLocalWire, PoisonRecord, type HandlerExtras, type Poison } from '#wire';
import { eventually as eventuallyWithin } from '../support/eventually.js';
import { kafkaForTests, type KafkaForTests } from '../support/kafka.js';
import { lagOf, putText } from './kafka-by-hand.js';
import {
  aReturned,
  aWork,
  eachFacts,
  eachWork,
  gate,
  startApp,
  type Handler,
  type Wiring,
} from './wire-under-test.js';

const ordinary = topics.deliver('salus', 'normal');
const urgent = topics.deliver('salus', 'urgent');

/** One wire as this suite sees it. */
interface WireUnderTest extends Wiring {
  /** Puts a record that no party of ours would write. */
  putGarbage: (topic: string) => Promise<void>;
  /** The attempts that came back unbegun: as `returned` facts, or to the next process that reads the topic. */
  handedBack: () => Promise<string[]>;
  close: () => Promise<void>;
}

async function localUnderTest(): Promise<WireUnderTest> {
  const wiring = createLocalWire();
  return {
    ...wiring,
    putGarbage: async (topic) => wiring.bus.line(topic).put(['no record at all']),
    handedBack: async () => {
      const returned: string[] = [];
      const handle = (facts: Fact[]) => {
        for (const fact of facts) if (fact.kind === 'returned') returned.push(fact.attemptId);
      };
      const { app } = await startApp(wiring, [{ topic: topics.outcomes, extras: eachFacts, handle }]);
      await app.close();
      return returned;
    },
    close: () => wiring.wire.close(),
  };
}

const kafka = await kafkaForTests();
afterAll(() => kafka?.stop());
/** Groups take their time on two busy cores. */
const eventually = <T>(fn: () => T | Promise<T>): Promise<T> => eventuallyWithin(fn, { within: 40_000 });
jest.setTimeout(120_000);

async function kafkaUnderTest({ brokers, prefix }: KafkaForTests): Promise<WireUnderTest> {
  const settings = {
    brokers,
    prefix: prefix(),
    ensureTopics: [
      { topic: ordinary, partitions: 2 },
      { topic: urgent, partitions: 1 },
      { topic: topics.outcomes, partitions: 3 },
    ],
  };
  const wiring = createKafkaWire(settings);
  await eventually(() => expect(wiring.wire.isUp()).toBe(true));
  return {
    ...wiring,
    putGarbage: (topic) => putText(settings, topic, 'no JSON at all'),
    handedBack: async () => {
      const begun: string[] = [];
      const handle = (work: Work) => begun.push(work.attemptId);
      const { app } = await startApp(wiring, [{ topic: ordinary, extras: eachWork, handle }]);
      await eventually(async () => expect(await lagOf(settings, ordinary)).toBe(0n));
      await app.close();
      return begun;
    },
    close: () => wiring.wire.close(),
  };
}

const wires: Array<[string, () => Promise<WireUnderTest>]> = [['local', localUnderTest]];
if (kafka) wires.push(['kafka', () => kafkaUnderTest(kafka)]);

describe.each(wires)('the %s wire', (_name, make) => {
  const ends: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function setup() {
    const wire = await make();
    ends.push(() => wire.close());
    const start = async (
      handlers: Handler[],
    ): Promise<{ app: INestMicroservice; errors: Array<{ error: unknown }> }> => {
      const started = await startApp(wire, handlers, { drainMs: 2_000 });
      ends.push(() => started.app.close());
      return started;
    };
    return { wire, start };
  }

  describe('boot', () => {
    const handler = (topic: string, extras: HandlerExtras = eachWork): Handler => ({
      topic,
      extras,
      handle: () => {},
    });

    it('refuses a topic without a handler', async () => {
      const { wire } = await setup();
      const booting = startApp(wire, [handler(ordinary)], { topics: [ordinary, urgent] });
      await expect(booting).rejects.toThrow(`${urgent}: has no handler`);
    });

    it('refuses a topic with two handlers', async () => {
      const { wire } = await setup();
      await expect(startApp(wire, [handler(ordinary), handler(ordinary)])).rejects.toThrow(
        `${ordinary}: has two handlers or more`,
      );
    });

    it('refuses a handler of a topic that is not read', async () => {
      const { wire } = await setup();
      const booting = startApp(wire, [handler(ordinary), handler(urgent)], { topics: [ordinary] });
      await expect(booting).rejects.toThrow(`${urgent}: is not read here`);
    });

    it('refuses a carriage with the wrong mode, and names everything wrong at once', async () => {
      const { wire } = await setup();
      const wrong = { carriage: 'at-least-once', mode: 'each' } as const;
      const booting = startApp(wire, [handler(ordinary, wrong)], { topics: [ordinary, urgent] });
      await expect(booting).rejects.toThrow(new RegExp(`${ordinary}: extras .*; ${urgent}: has no handler`));
    });
  });

  it('carries ordinary and urgent work, each to its topic', async () => {
    const { wire, start } = await setup();
    const seen: string[] = [];
    const into = (topic: string): Handler => ({
      topic,
      extras: eachWork,
      handle: (work: Work, context) => seen.push(`${context.topic} ${work.attemptId}`),
    });
    await start([into(ordinary), into(urgent)]);
    const [one, two] = [aWork(), aWork({ band: 'urgent' })];
    await wire.wire.sendWork([one, two]);
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen.sort()).toEqual([`${ordinary} ${one.attemptId}`, `${urgent} ${two.attemptId}`].sort());
  });

  it('goes on with the next work after a TypeError, and never hands the failed one out again', async () => {
    const { wire, start } = await setup();
    const begun: string[] = [];
    const handle = (work: Work) => {
      begun.push(work.attemptId);
      if (work.attemptId === 'bad') throw new TypeError('invented defect');
    };
    const { errors } = await start([{ topic: ordinary, extras: eachWork, handle }]);
    await wire.wire.sendWork([aWork({ attemptId: 'bad' }), aWork({ attemptId: 'good' })]);
    await eventually(() => expect(begun).toContain('good'));
    await wire.wire.sendWork([aWork({ attemptId: 'later' })]);
    await eventually(() => expect(begun).toContain('later'));
    expect(begun.filter((id) => id === 'bad')).toHaveLength(1);
    expect(errors.map(({ error }) => error)).toEqual([expect.any(TypeError)]);
  });

  it('brings facts again after a TypeError until they are taken, skipping none and in order', async () => {
    const { wire, start } = await setup();
    const taken: string[] = [];
    let failures = 2;
    const handle = (facts: Fact[]) => {
      if (failures > 0 && failures--) throw new TypeError('invented defect');
      for (const fact of facts) if (fact.kind === 'returned') taken.push(fact.attemptId);
    };
    const { errors } = await start([{ topic: topics.outcomes, extras: eachFacts, handle }]);
    // One delivery, so that Kafka keeps them on one partition.
    const facts = ['1', '2', '3'].map((n) => ({ ...aReturned(n), deliveryId: 'one delivery' }) as Fact);
    for (const fact of facts) await wire.wire.sendFacts([fact]);
    await eventually(() => expect(taken).toEqual(['1', '2', '3']));
    expect(errors).toHaveLength(2);
  });

  it('drops poison among work, with a word, and goes on', async () => {
    const { wire, start } = await setup();
    const begun: string[] = [];
    const handle = (work: Work) => begun.push(work.attemptId);
    const { errors } = await start([{ topic: ordinary, extras: eachWork, handle }]);
    await wire.putGarbage(ordinary);
    await wire.wire.sendWork([aWork({ attemptId: 'after' })]);
    await eventually(() => expect(begun).toEqual(['after']));
    expect(errors.map(({ error }) => error)).toEqual([expect.any(PoisonRecord)]);
  });

  it('hands poison among facts to the handler, where it leaves a trace, and goes on', async () => {
    const { wire, start } = await setup();
    const seen: Array<Fact | Poison> = [];
    const handle = (facts: Array<Fact | Poison>) => seen.push(...facts);
    await start([{ topic: topics.outcomes, extras: eachFacts, handle }]);
    await wire.putGarbage(topics.outcomes);
    await wire.wire.sendFacts([aReturned('after')]);
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen).toContainEqual({
      poison: true,
      topic: topics.outcomes,
      partition: expect.any(Number),
      offset: '0',
    });
    expect(seen).toContainEqual(aReturned('after'));
  });

  it('brings a mark on every partition of the facts', async () => {
    const { wire, start } = await setup();
    const marked = new Set<number>();
    const handle = (_facts: Fact[], context: { partition: number }) => marked.add(context.partition);
    await start([{ topic: topics.outcomes, extras: eachFacts, handle }]);
    await wire.wire.sendFacts([{ kind: 'mark', at: '2026-11-22T09:00:00Z' }]);
    const partitions = await wire.wire.factPartitions();
    await eventually(() => expect([...marked].sort()).toEqual([...Array(partitions).keys()]));
  });

  it('drains: a stop waits for the attempts that run', async () => {
    const { wire, start } = await setup();
    const begun = gate();
    const finish = gate();
    const handle = () => {
      begun.open();
      return finish.opened;
    };
    const { app } = await start([{ topic: ordinary, extras: eachWork, handle }]);
    await wire.wire.sendWork([aWork()]);
    await begun.opened;
    const closing = app.close().then(() => 'closed');
    // As long as a stop takes that waits for nobody, and more.
    expect(await Promise.race([closing, pause(1_000, 'waiting')])).toBe('waiting');
    finish.open();
    expect(await closing).toBe('closed');
  });

  it('tells running handlers that it stops, and waits no longer than it was told', async () => {
    const { wire } = await setup();
    const begun = gate();
    const told = gate();
    const handle = (_work: Work, { stopping }: { stopping: AbortSignal }) => {
      stopping.addEventListener('abort', told.open);
      begun.open();
      return gate().opened;
    };
    const { app } = await startApp(wire, [{ topic: ordinary, extras: eachWork, handle }], { drainMs: 50 });
    await wire.wire.sendWork([aWork()]);
    await begun.opened;
    await app.close();
    await told.opened;
  });

  it('hands unstarted work back on stop: each attempt begins once or comes back, never both', async () => {
    const { wire, start } = await setup();
    const begun: string[] = [];
    const handle = (work: Work) => begun.push(work.attemptId);
    const { app } = await start([{ topic: ordinary, extras: eachWork, handle }]);
    const ids = ['1', '2', '3'];
    await Promise.all([wire.wire.sendWork(ids.map((attemptId) => aWork({ attemptId }))), app.close()]);
    const handedBack = await wire.handedBack();
    expect(handedBack).not.toEqual([]);
    expect([...begun, ...handedBack].sort()).toEqual(ids);
  });
});
