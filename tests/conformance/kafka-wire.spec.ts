import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { topics, type Fact, type Work } from '#contracts';
import { createKafkaWire, WireDown, type KafkaSettings, type RawRecord, type WireContext } from '#wire';
import { eventually as eventuallyWithin } from '../support/eventually.js';
import { ownKafka } from '../support/kafka.js';
import { lagOf, offsetsOf, putText } from './kafka-by-hand.js';
import {
  anOutcome,
  aReturned,
  aStarted,
  aWork,
  eachFacts,
  eachWork,
  gate,
  startApp,
  type Handler,
} from './wire-under-test.js';

const ordinary = topics.deliver('salus', 'normal');
const urgent = topics.deliver('salus', 'urgent');
const intake = topics.intake('salus');
const receipts = topics.receipts('salus');
const ownOffsets = { carriage: 'own-offsets', mode: 'batch' } as const;

/** This suite kills its broker, so it has one of its own. */
const kafka = await ownKafka();
afterAll(() => kafka?.stop());
/** Groups take their time on two busy cores. */
const eventually = <T>(fn: () => T | Promise<T>): Promise<T> => eventuallyWithin(fn, { within: 40_000 });
jest.setTimeout(120_000);

(kafka ? describe : describe.skip)('the kafka wire', () => {
  const ends: Array<() => Promise<unknown>> = [];
  let runs = 0;
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function setup() {
    const settings: KafkaSettings = {
      brokers: kafka!.brokers,
      prefix: `run-${(runs += 1)}.`,
      ensureTopics: [
        { topic: ordinary, partitions: 4 },
        { topic: urgent, partitions: 1 },
        { topic: topics.outcomes, partitions: 2 },
        { topic: intake, partitions: 1 },
        { topic: receipts, partitions: 3 },
      ],
    };
    const wiring = createKafkaWire(settings);
    ends.push(() => wiring.wire.close());
    await eventually(() => expect(wiring.wire.isUp()).toBe(true));
    const start = async (handlers: Handler[], options: Parameters<typeof startApp>[2] = {}) => {
      const started = await startApp(wiring, handlers, { drainMs: 0, ...options });
      ends.push(() => started.app.close());
      return started;
    };
    return { settings, start, wire: wiring.wire };
  }

  describe('work is carried at most once', () => {
    it('has moved the offset behind a record before its handler begins', async () => {
      const { settings, start, wire } = await setup();
      const committed: bigint[] = [];
      const handle = async (_work: Work, { partition }: WireContext) => {
        committed.push((await offsetsOf(settings, ordinary))[partition]!.committed);
      };
      await start([{ topic: ordinary, extras: eachWork, handle }]);
      await wire.sendWork([aWork()]);
      await eventually(() => expect(committed).toEqual([1n]));
    });

    it('never hands a taken record out again, though its attempt never ended', async () => {
      const { settings, start, wire } = await setup();
      const begun: string[] = [];
      const handle = (work: Work) => {
        begun.push(work.attemptId);
        return gate().opened;
      };
      const { app } = await start([{ topic: ordinary, extras: eachWork, handle }], { concurrency: 1 });
      await wire.sendWork([aWork({ attemptId: 'taken' })]);
      await eventually(() => expect(begun).toEqual(['taken']));
      await wire.sendWork([aWork({ attemptId: 'waiting' })]);
      await app.close();
      await start([{ topic: ordinary, extras: eachWork, handle }]);
      await eventually(() => expect(begun).toContain('waiting'));
      await eventually(async () => expect(await lagOf(settings, ordinary)).toBe(0n));
      expect(begun).toEqual(['taken', 'waiting']);
    });

    it('hands each record out once while readers come and go', async () => {
      const { start, wire } = await setup();
      const begun: string[] = [];
      const handle = async (work: Work) => {
        begun.push(work.attemptId);
        await new Promise(setImmediate);
      };
      const handlers = [{ topic: ordinary, extras: eachWork, handle }];
      const ids = Array.from({ length: 400 }, (_, n) => `attempt ${n}`);
      const first = await start(handlers, { concurrency: 2, drainMs: 5_000 });
      await wire.sendWork(ids.map((attemptId) => aWork({ attemptId })));
      await eventually(() => expect(begun.length).toBeGreaterThan(20));
      await start(handlers, { concurrency: 2 });
      await first.app.close();
      expect(begun.length).toBeLessThan(400);
      await start(handlers, { concurrency: 2 });
      await eventually(() => expect(begun.length).toBeGreaterThanOrEqual(400));
      expect(begun.sort()).toEqual(ids.sort());
    });

    it('lets urgent overtake a backlog', async () => {
      const { start, wire } = await setup();
      const begun: string[] = [];
      const handle = (work: Work) => {
        begun.push(work.band);
        return work.band === 'urgent' ? undefined : gate().opened;
      };
      const both = [ordinary, urgent].map((topic): Handler => ({ topic, extras: eachWork, handle }));
      await start(both, { concurrency: 1 });
      await wire.sendWork(Array.from({ length: 200 }, () => aWork()));
      await eventually(() => expect(begun).toEqual(['normal']));
      await wire.sendWork([aWork({ band: 'urgent' })]);
      await eventually(() => expect(begun).toEqual(['normal', 'urgent']));
    });

    it('carries more in one go than a broker takes in one record batch', async () => {
      const { start, wire } = await setup();
      const sizes: number[] = [];
      const handle = (work: Work) => sizes.push(work.messageId.length);
      await start([{ topic: urgent, extras: eachWork, handle }]);
      const large = aWork({ band: 'urgent', messageId: 'x'.repeat(260_000) });
      await wire.sendWork(Array.from({ length: 8 }, () => large));
      await eventually(() => expect(sizes).toEqual(Array(8).fill(260_000)));
    });
  });

  it('puts a mark behind every fact that was taken before it, on each partition', async () => {
    const { start, wire } = await setup();
    const seen = new Map<number, string[]>();
    const handle = (facts: Fact[], { partition }: WireContext) => {
      const words = facts.map((fact) => fact.kind);
      seen.set(partition, [...(seen.get(partition) ?? []), ...words]);
    };
    await wire.sendFacts(Array.from({ length: 20 }, (_, n) => aReturned(`attempt ${n}`)));
    await wire.sendFacts([{ kind: 'mark', at: '2026-11-22T09:00:00Z' }]);
    await start([{ topic: topics.outcomes, extras: eachFacts, handle }]);
    await eventually(() => expect([...seen.values()].flat()).toHaveLength(22));
    for (const words of seen.values()) {
      expect(words.indexOf('mark')).toBe(words.length - 1);
      expect(words.length).toBeGreaterThan(1);
    }
  });

  it('publishes what others read, in order per key', async () => {
    const { start, wire } = await setup();
    const read: string[] = [];
    const handle = (records: RawRecord[]) => read.push(...records.map(({ text }) => text));
    const answers = Array.from({ length: 5 }, (_, n) => ({ key: 'salus', value: { n } }));
    await wire.publish(receipts, answers);
    await start([{ topic: receipts, extras: ownOffsets, handle }], { startOffsets: async () => new Map() });
    await eventually(() => expect(read).toEqual(answers.map(({ value }) => JSON.stringify(value))));
  });

  it('rests only the partition whose facts are not taken', async () => {
    const { start, wire } = await setup();
    const taken: number[] = [];
    const handle = (_facts: Fact[], { partition }: WireContext) => {
      if (partition === 0) throw new RangeError('invented defect');
      taken.push(partition);
    };
    const { errors } = await start([{ topic: topics.outcomes, extras: eachFacts, handle }]);
    for (let round = 1; round <= 3; round += 1) {
      await wire.sendFacts([{ kind: 'mark', at: '2026-11-22T09:00:00Z' }]);
      await eventually(() => expect(taken).toHaveLength(round));
      await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(round));
    }
    // Nothing else went wrong: the consumer itself never stopped.
    expect(errors.filter(({ error }) => !(error instanceof RangeError))).toEqual([]);
  });

  describe('intake with offsets of its own', () => {
    async function setupIntake() {
      const base = await setup();
      const ledger = new Map<number, string>();
      const read: RawRecord[] = [];
      const handle = (records: RawRecord[], { partition, nextOffset }: WireContext) => {
        read.push(...records);
        ledger.set(partition, nextOffset);
      };
      const begin = () =>
        base.start([{ topic: intake, extras: ownOffsets, handle }], { startOffsets: async () => ledger });
      return { ...base, ledger, read, begin };
    }
    const texts = (from: number, until: number) =>
      Array.from({ length: until - from }, (_, n) => `{"n":${from + n}}`);

    it('goes on where the ledger stands, and tells Kafka nothing', async () => {
      const { settings, ledger, read, begin } = await setupIntake();
      await putText(settings, intake, ...texts(0, 10));
      const { app } = await begin();
      await eventually(() => expect(ledger.get(0)).toBe('10'));
      await app.close();
      await putText(settings, intake, ...texts(10, 13));
      await begin();
      await eventually(() => expect(ledger.get(0)).toBe('13'));
      expect(read.map(({ text }) => text)).toEqual(texts(0, 13));
      expect((await offsetsOf(settings, intake))[0]!.committed).toBe(0n);
    });

    it('reads again what a restored ledger has forgotten', async () => {
      const { settings, ledger, read, begin } = await setupIntake();
      await putText(settings, intake, ...texts(0, 10));
      const { app } = await begin();
      await eventually(() => expect(ledger.get(0)).toBe('10'));
      await app.close();
      read.length = 0;
      ledger.set(0, '6');
      await begin();
      await eventually(() => expect(ledger.get(0)).toBe('10'));
      expect(read.map(({ text }) => text)).toEqual(texts(6, 10));
    });

    it('waits for a ledger that is away, and skips nothing', async () => {
      const { settings, start } = await setup();
      const read: string[] = [];
      let away = 2;
      const startOffsets = async () => {
        if (away > 0 && away--) throw new Error('invented outage');
        return new Map([[0, '4']]);
      };
      const handle = (records: RawRecord[]) => {
        if (away > -2) {
          away -= 1;
          throw new TypeError('invented defect');
        }
        read.push(...records.map(({ text }) => text));
      };
      await putText(settings, intake, ...texts(0, 8));
      const { errors } = await start([{ topic: intake, extras: ownOffsets, handle }], { startOffsets });
      await eventually(() => expect(read).toEqual(texts(4, 8)));
      expect(errors).toHaveLength(4);
    });

    it('hands over whatever stands on the topic, as text with its offset', async () => {
      const { settings, ledger, read, begin } = await setupIntake();
      await putText(settings, intake, '{"n":0}', 'no JSON', '');
      await begin();
      await eventually(() => expect(ledger.get(0)).toBe('3'));
      expect(read).toEqual([
        { offset: '0', text: '{"n":0}' },
        { offset: '1', text: 'no JSON' },
        { offset: '2', text: '' },
      ]);
    });

    it('begins a log that was made anew at its start, whatever the ledger remembers', async () => {
      const { settings, ledger, read, begin } = await setupIntake();
      ledger.set(0, '500');
      await putText(settings, intake, ...texts(0, 3));
      await begin();
      await eventually(() => expect(ledger.get(0)).toBe('3'));
      expect(read.map(({ text }) => text)).toEqual(texts(0, 3));
    });
  });

  describe('a broker that goes away', () => {
    it('is WireDown at once, then all goes on by itself when it is back', async () => {
      const { start, wire } = await setup();
      const facts: Fact[] = [];
      const begun: string[] = [];
      const handlers: Handler[] = [
        { topic: topics.outcomes, extras: eachFacts, handle: (some: Fact[]) => facts.push(...some) },
        { topic: ordinary, extras: eachWork, handle: (work: Work) => begun.push(work.attemptId) },
      ];
      await start(handlers);
      await wire.sendWork([aWork({ attemptId: 'before' })]);
      await eventually(() => expect(begun).toEqual(['before']));

      await kafka!.kill();
      await expect(wire.sendWork([aWork({ attemptId: 'lost' })])).rejects.toBeInstanceOf(WireDown);
      expect(wire.isUp()).toBe(false);
      await expect(wire.sendFacts([aStarted('not begun')])).rejects.toBeInstanceOf(WireDown);
      const told = wire.sendFacts([anOutcome('ended meanwhile')]);

      await kafka!.start();
      await told;
      await eventually(() => expect(wire.isUp()).toBe(true));
      await wire.sendWork([aWork({ attemptId: 'after' })]);
      await eventually(() => expect(begun).toEqual(['before', 'after']));
      await eventually(() => expect(facts).toEqual([anOutcome('ended meanwhile')]));
    });

    it('is noticed within a few seconds though nobody sends, and does not keep a process from starting', async () => {
      const { start, wire } = await setup();
      await kafka!.kill();
      await eventually(() => expect(wire.isUp()).toBe(false));
      const begun: string[] = [];
      const handle = (work: Work) => begun.push(work.attemptId);
      await start([{ topic: ordinary, extras: eachWork, handle }]);
      await kafka!.start();
      await eventually(() => wire.sendWork([aWork({ attemptId: 'after' })]));
      await eventually(() => expect(begun).toEqual(['after']));
    });
  });
});
