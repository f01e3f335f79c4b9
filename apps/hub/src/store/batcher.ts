/** The queue in front of a batcher is full: the caller should answer 503 with Retry-After. */
export class BatcherFull extends Error {
  override readonly name = 'BatcherFull';
}

/**
 * Group commit: gathers what is asked for while a batch is under way and hands it over together, so that many
 * callers share one transaction and a single caller never waits for company. A failed batch is run again one by one,
 * so that one bad row fails alone.
 */
export class Batcher<In, Out> {
  private waiting: { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void }[] = [];
  private running = 0;

  /**
   * @param run answers in the order of its items
   * @param options.lanes how many batches may be under way at once
   * @param options.most items in one batch
   * @param options.queue items that may wait before `BatcherFull`
   */
  constructor(
    private readonly run: (items: In[]) => Promise<Out[]>,
    private readonly options: { lanes: number; most: number; queue: number },
  ) {}

  add(item: In): Promise<Out> {
    if (this.waiting.length >= this.options.queue) return Promise.reject(new BatcherFull());
    return new Promise<Out>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // A turn of the event loop, so that requests read in the same turn share the batch.
      if (this.running < this.options.lanes) setImmediate(() => void this.next());
    });
  }

  private async next(): Promise<void> {
    if (this.running >= this.options.lanes || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, this.options.most);
    this.running += 1;
    try {
      const answers = await this.run(batch.map((entry) => entry.item));
      batch.forEach((entry, i) => entry.resolve(answers[i] as Out));
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await Promise.all(batch.map((entry) => this.alone(entry)));
    } finally {
      this.running -= 1;
      if (this.waiting.length > 0) setImmediate(() => void this.next());
    }
  }

  private async alone(entry: {
    item: In;
    resolve: (out: Out) => void;
    reject: (error: unknown) => void;
  }): Promise<void> {
    try {
      const [answer] = await this.run([entry.item]);
      entry.resolve(answer as Out);
    } catch (error) {
      entry.reject(error);
    }
  }
}
