import { randomBytes } from 'node:crypto';

/** A broker that `scripts/kafka.mjs` started. */
export interface RunningKafka {
  readonly brokers: string[];
  readonly pid: number | undefined;
  /** On the same ports and log as before; resolves when it answers. */
  start(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** Ends it and removes its log. */
  stop(): Promise<void>;
}

export interface KafkaForTests {
  brokers: string[];
  /** A fresh prefix for topics and groups, so that tests on one broker do not meet. */
  prefix(): string;
  /** Ends the broker if this file started it. */
  stop(): Promise<void>;
}

/**
 * The broker that `KAFKA_BROKERS` names, else one started for this file. Where none can be had it prints why and
 * answers nothing, so that the suite can skip itself; with `REQUIRE_KAFKA=1` it throws instead.
 */
export async function kafkaForTests(): Promise<KafkaForTests | undefined> {
  const given = process.env.KAFKA_BROKERS;
  if (given) return { brokers: given.split(','), prefix: aPrefix, stop: async () => {} };
  const kafka = await ownKafka();
  return kafka && { brokers: kafka.brokers, prefix: aPrefix, stop: () => kafka.stop() };
}

/** Named by a variable, for plain JavaScript has no types to import. */
const script: string = '../../scripts/kafka.mjs';

/** A broker for one file alone, which it may kill; nothing where none can be had, as above. */
export async function ownKafka(): Promise<RunningKafka | undefined> {
  const { startKafka, whyNoKafka } = (await import(script)) as {
    startKafka(): Promise<RunningKafka>;
    whyNoKafka(): string | undefined;
  };
  const why = whyNoKafka();
  if (!why) return startKafka();
  const word = `KAFKA TESTS SKIPPED: ${why}, and KAFKA_BROKERS is not set.`;
  if (process.env.REQUIRE_KAFKA === '1') throw new Error(word);
  process.stderr.write(`${word}\n`);
  return undefined;
}

function aPrefix(): string {
  return `test-${randomBytes(4).toString('hex')}.`;
}
