import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { kafkaClient, type KafkaSettings } from './kafka-client.js';

/** How the records of one topic are read. */
export interface TopicReader {
  /** These partitions are ours from now on. */
  assign(partitions: readonly number[]): void;
  /** Throws nothing but what kafkajs threw: any other error would end the consumer. */
  read(payload: EachBatchPayload, seek: (offset: string) => void): Promise<void>;
}

/** A consumer that was given up is replaced this much later. */
const AGAIN_MS = 1_000;

/**
 * Reads one topic in a group of its own, for as long as the process runs: a consumer that kafkajs gives up is
 * replaced by a new one. One group per topic, because the members of a kafkajs group must all read the same topics.
 */
export class TopicConsumer {
  private readonly stopping = new AbortController();
  private readonly consuming: Promise<void>;
  /** Resolves when the group has been joined for the first time. */
  readonly joined: Promise<void>;
  private onJoined = () => {};

  constructor(
    private readonly settings: KafkaSettings,
    private readonly topic: string,
    private readonly reader: TopicReader,
    private readonly onCrash: (error: unknown) => void,
  ) {
    this.joined = new Promise((resolve) => (this.onJoined = resolve));
    this.consuming = this.consume();
  }

  /** Ends after the batch that is being read; leaves the group, so that others take over at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.consuming;
  }

  private async consume(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const consumer = this.newConsumer();
      try {
        await this.untilCrash(consumer);
      } catch (error) {
        if (!signal.aborted) this.onCrash(error);
      }
      await consumer.disconnect().catch(() => undefined);
      await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private newConsumer(): Consumer {
    return kafkaClient(this.settings, 5).consumer({
      groupId: (this.settings.prefix ?? '') + this.topic,
      // After a kill the partitions are taken over this much later.
      sessionTimeout: 10_000,
      heartbeatInterval: 2_000,
      rebalanceTimeout: 30_000,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      // Starting anew stands in one place: here.
      retry: { restartOnFailure: async () => false },
    });
  }

  /** Resolves when stopped; rejects with what made kafkajs give up. */
  private async untilCrash(consumer: Consumer): Promise<void> {
    const { signal } = this.stopping;
    const name = (this.settings.prefix ?? '') + this.topic;
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    ended.catch(() => undefined);
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.reader.assign(payload.memberAssignment[name] ?? []);
      this.onJoined();
    });
    // Taken off again: the signal lives as long as the process, and would keep every consumer that has crashed.
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.read(consumer, name);
      await ended;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  private async read(consumer: Consumer, name: string): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => {
        const { partition } = payload.batch;
        return this.reader.read(payload, (offset) => consumer.seek({ topic: name, partition, offset }));
      },
    });
  }
}
