import { setTimeout as sleep } from 'node:timers/promises';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { decode, nextAfter, poisonAt, type TopicHandler } from './handlers.js';
import type { TopicReader } from './topic-consumer.js';
import { PoisonRecord, type StrategyOptions } from './wire.js';

/**
 * Reads work at most once: a record is handed out only after the group's offset stands behind it. What was committed
 * but not handed out (a kill, a partition lost meanwhile) is found again by its lease.
 */
export class WorkReader implements TopicReader {
  private readonly running = new Set<Promise<void>>();
  private assignment = 0;
  private mine: readonly number[] = [];

  constructor(
    private readonly handler: TopicHandler,
    private readonly options: StrategyOptions,
    private readonly stopping: AbortSignal,
  ) {}

  assign(partitions: readonly number[]): void {
    this.assignment += 1;
    this.mine = partitions;
  }

  async read(payload: EachBatchPayload): Promise<void> {
    const { batch, commitOffsetsIfNecessary, resolveOffset, isRunning } = payload;
    const { topic, partition, messages } = batch;
    const { assignment } = this;
    const isMine = () => assignment === this.assignment && this.mine.includes(partition);
    for (let next = 0; next < messages.length;) {
      await this.room(payload);
      if (this.stopping.aborted || !isRunning() || !isMine()) return;
      const taken = messages.slice(next, next + this.concurrency - this.running.size);
      const last = taken.at(-1)!.offset;
      // Not `consumer.commitOffsets`: that one answers well without having committed when the consumer is stopping.
      await commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: nextAfter(last) }] }],
      });
      resolveOffset(last);
      // kafkajs can join anew while a batch is read, and commits in the new name: then another may have these, too.
      if (!isMine()) return;
      for (const message of taken) this.begin(message, partition);
      next += taken.length;
    }
  }

  /** Resolves when every attempt that runs has ended. */
  async drained(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private get concurrency(): number {
    return this.options.concurrency ?? 16;
  }

  private async room({ heartbeat }: EachBatchPayload): Promise<void> {
    while (this.running.size >= this.concurrency && !this.stopping.aborted) {
      await Promise.race([...this.running, sleep(1_000, undefined, { ref: false })]);
      await heartbeat();
    }
  }

  private begin(message: KafkaMessage, partition: number): void {
    const { topic, call } = this.handler;
    const { offset } = message;
    const record = decode(message.value);
    if (!record)
      return this.options.onHandlerError(topic, new PoisonRecord(poisonAt(topic, partition, offset)));
    const context = { topic, partition, offset, nextOffset: nextAfter(offset), stopping: this.stopping };
    const running = call(record, context).catch((error) => this.options.onHandlerError(topic, error));
    this.running.add(running);
    void running.finally(() => this.running.delete(running));
  }
}
