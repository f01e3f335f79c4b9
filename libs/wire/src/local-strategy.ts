import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { topics, type ReturnedFact, type Work } from '#contracts';
import { BATCH, checkHandlers, isRecord, pauseBefore, poisonAt, type TopicHandler } from './handlers.js';
import type { LocalBus, LocalLine } from './local-bus.js';
import { PoisonRecord, type StrategyOptions, type WireContext } from './wire.js';

/** Reads the lines of a `LocalBus` with ordinary `@EventPattern` controllers. */
export class LocalStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly work: LocalLine[] = [];
  private readonly facts: LocalLine[] = [];
  private over = false;

  constructor(
    private readonly bus: LocalBus,
    private readonly options: StrategyOptions,
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      for (const handler of checkHandlers(this.options.topics, this.messageHandlers)) this.read(handler);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Nothing new begins; what has not begun is handed back; what runs is awaited; facts flow until the end. */
  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    for (const line of this.work) this.handBack(line);
    const drained = new AbortController();
    const deadline = sleep(this.options.drainMs ?? 10_000, 'late', { signal: drained.signal }).catch(
      () => 'late',
    );
    while (this.running.size > 0) {
      if ((await Promise.race([deadline, Promise.all(this.running)])) === 'late') break;
    }
    drained.abort();
    this.over = true;
    for (const line of this.facts) line.ended = true;
  }

  /** There is nothing to listen to: what happens is told through the handlers and `onHandlerError`. */
  override on(): void {}

  override unwrap<T>(): T {
    return this.bus as T;
  }

  private read(handler: TopicHandler): void {
    const line = this.bus.line(handler.topic);
    if (line.wake) throw new Error(`${handler.topic}: another strategy of this process reads it already.`);
    const isWork = handler.carriage === 'at-most-once';
    (isWork ? this.work : this.facts).push(line);
    const read = isWork ? () => this.begin(handler, line) : () => this.deliver(handler, line);
    let awake = false;
    const wake = () => {
      if (awake) return;
      awake = true;
      // A turn later: the sender goes on first, and what it puts meanwhile is read in one go.
      this.track(
        nextTurn()
          .then(read)
          .then(() => {
            awake = false;
            if (line.waiting.length > 0) wake();
          }),
      );
    };
    line.wake = wake;
    if (line.waiting.length > 0) wake();
  }

  /** Starts whatever waits, all at once: the hub's windows bound how much that can be. */
  private begin({ topic, call }: TopicHandler, line: LocalLine): void {
    const { offset, records } = line.take(Infinity);
    records.forEach((record, i) => {
      if (!isRecord(record))
        return this.options.onHandlerError(topic, new PoisonRecord(poisonAt(topic, 0, offset + i)));
      const context = this.context(topic, offset + i, 1);
      this.track(call(record, context).catch((error) => this.options.onHandlerError(topic, error)));
    });
  }

  /** Hands facts over batch by batch; a batch that fails comes again, and none overtakes it. */
  private async deliver({ topic, call }: TopicHandler, line: LocalLine): Promise<void> {
    while (line.waiting.length > 0) {
      const { offset, records } = line.take(BATCH);
      const batch = records.map((record, i) => (isRecord(record) ? record : poisonAt(topic, 0, offset + i)));
      for (let tries = 1; !this.over; tries += 1) {
        try {
          await call(batch, this.context(topic, offset, batch.length));
          break;
        } catch (error) {
          this.options.onHandlerError(topic, error);
          await sleep(pauseBefore(tries), undefined, { ref: false });
        }
      }
    }
  }

  private handBack(line: LocalLine): void {
    line.ended = true;
    const returned = line.take(Infinity).records.filter(isRecord) as unknown as Work[];
    const facts = returned.map(({ deliveryId, attemptId, partner }): ReturnedFact => ({
      kind: 'returned',
      deliveryId,
      attemptId,
      partner,
    }));
    if (facts.length > 0) this.bus.line(topics.outcomes).put(facts);
  }

  private context(topic: string, offset: number, count: number): WireContext {
    const { signal } = this.stopping;
    return { topic, partition: 0, offset: `${offset}`, nextOffset: `${offset + count}`, stopping: signal };
  }

  private track(promise: Promise<void>): void {
    this.running.add(promise);
    void promise.finally(() => this.running.delete(promise));
  }
}
