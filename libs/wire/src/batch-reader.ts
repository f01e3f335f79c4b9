import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { BATCH, decode, nextAfter, pauseBefore, poisonAt, type TopicHandler } from './handlers.js';
import type { TopicReader } from './topic-consumer.js';
import type { RawRecord, StrategyOptions } from './wire.js';

/**
 * The least that a partition rests after a throw: while the ledger is away every topic looks once a second at most, and
 * fetches its records no oftener.
 */
const REST_MS = 1_000;

/** Reads facts and intake at least once: the position moves only after the handler has taken the records. */
export class BatchReader implements TopicReader {
  /** Partitions that stand where the handler's own offsets say. */
  private readonly placed = new Set<number>();
  /** Throws in a row, per partition. */
  private readonly failures = new Map<number, number>();

  constructor(
    private readonly handler: TopicHandler,
    private readonly options: StrategyOptions,
    private readonly stopping: AbortSignal,
  ) {}

  assign(): void {
    this.placed.clear();
  }

  async read(payload: EachBatchPayload, seek: (offset: string) => void): Promise<void> {
    const { batch, commitOffsetsIfNecessary, resolveOffset, heartbeat, isRunning } = payload;
    const { topic, partition, messages } = batch;
    const keepsOwn = this.handler.carriage === 'own-offsets';
    if (keepsOwn && !(await this.isPlaced(payload, seek))) return;
    for (let next = 0; next < messages.length; next += BATCH) {
      if (this.stopping.aborted || !isRunning()) return;
      const some = messages.slice(next, next + BATCH);
      const last = some.at(-1)!.offset;
      if (!(await this.try(payload, () => this.hand(some, partition)))) return;
      if (!keepsOwn) {
        const moved = [{ partition, offset: nextAfter(last) }];
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: moved }] });
      }
      resolveOffset(last);
      await heartbeat();
    }
  }

  private hand(messages: KafkaMessage[], partition: number): Promise<void> {
    const { topic, carriage, call } = this.handler;
    const records =
      carriage === 'own-offsets'
        ? messages.map(({ offset, value }): RawRecord => ({ offset, text: value?.toString() ?? '' }))
        : messages.map(({ offset, value }) => decode(value) ?? poisonAt(topic, partition, offset));
    const offset = messages[0]!.offset;
    const nextOffset = nextAfter(messages.at(-1)!.offset);
    return call(records, { topic, partition, offset, nextOffset, stopping: this.stopping });
  }

  /**
   * Kafka's own position counts for nothing here. The first batch after an assignment shows where it stands; if that
   * is before the handler's offset, reading goes on from there instead. Only once, for a log that was made anew has
   * no such offset.
   */
  private async isPlaced(payload: EachBatchPayload, seek: (offset: string) => void): Promise<boolean> {
    const { partition, messages } = payload.batch;
    if (this.placed.has(partition)) return true;
    let start: string | undefined;
    const asked = await this.try(payload, async () => {
      start = (await this.options.startOffsets?.(this.handler.topic))?.get(partition);
    });
    if (!asked) return false;
    this.placed.add(partition);
    if (start === undefined || BigInt(start) <= BigInt(messages[0]!.offset)) return true;
    seek(start);
    return false;
  }

  /** Whether `work` ended well. After a throw the partition rests a while, then the same records are read again. */
  private async try(
    { batch, heartbeat, pause }: EachBatchPayload,
    work: () => Promise<void>,
  ): Promise<boolean> {
    // A failed heartbeat shows again at the next one; here it only must not end the work.
    const beat = setInterval(() => void heartbeat().catch(() => undefined), 1_000);
    try {
      await work();
      this.failures.delete(batch.partition);
      return true;
    } catch (error) {
      this.options.onHandlerError(this.handler.topic, error);
      const tries = (this.failures.get(batch.partition) ?? 0) + 1;
      this.failures.set(batch.partition, tries);
      setTimeout(pause(), Math.max(REST_MS, pauseBefore(tries))).unref();
      return false;
    } finally {
      clearInterval(beat);
    }
  }
}
