import { setTimeout as sleep } from 'node:timers/promises';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { BatchReader } from './batch-reader.js';
import { checkHandlers, type TopicHandler } from './handlers.js';
import type { KafkaSettings } from './kafka-client.js';
import { TopicConsumer } from './topic-consumer.js';
import type { StrategyOptions } from './wire.js';
import { WorkReader } from './work-reader.js';

/** How long a broker that is away may hold up start and stop, in milliseconds. */
const LATE = 10_000;

/** Reads Kafka topics with ordinary `@EventPattern` controllers, each topic apart from every other. */
export class KafkaStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly stopping = new AbortController();
  private readonly workReaders: WorkReader[] = [];
  private consumers: TopicConsumer[] = [];

  constructor(
    private readonly settings: KafkaSettings,
    private readonly options: StrategyOptions,
  ) {
    super();
  }

  /** Listens once every topic is being read; a broker that is away does not keep the process from starting. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const handlers = checkHandlers(this.options.topics, this.messageHandlers);
      this.consumers = handlers.map((handler) => this.consumer(handler));
    } catch (error) {
      return callback(error);
    }
    await within(LATE, Promise.all(this.consumers.map(({ joined }) => joined)));
    callback();
  }

  /** Takes nothing more; what was not taken stays on its topic for the next process; what runs is awaited. */
  async close(): Promise<void> {
    this.stopping.abort();
    await within(LATE, Promise.all(this.consumers.map((consumer) => consumer.stop())));
    await within(
      this.options.drainMs ?? 10_000,
      Promise.all(this.workReaders.map((reader) => reader.drained())),
    );
  }

  /** There is nothing to listen to: what happens is told through the handlers and `onHandlerError`. */
  override on(): void {}

  override unwrap<T>(): T {
    return this.consumers as T;
  }

  private consumer(handler: TopicHandler): TopicConsumer {
    const { topic, carriage } = handler;
    const { signal } = this.stopping;
    const onCrash = (error: unknown) => this.options.onHandlerError(topic, error);
    if (carriage !== 'at-most-once') {
      return new TopicConsumer(this.settings, topic, new BatchReader(handler, this.options, signal), onCrash);
    }
    const reader = new WorkReader(handler, this.options, signal);
    this.workReaders.push(reader);
    return new TopicConsumer(this.settings, topic, reader, onCrash);
  }
}

/** Resolves with `work`, or without it after so many milliseconds. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([late, work]);
  done.abort();
}
