/** The records of one topic that wait for its reader. */
export class LocalLine {
  readonly waiting: unknown[] = [];
  /** Offset of the first one waiting, counted from the start of the process. */
  offset = 0;
  /** Nobody will read it any more: nothing may be put on it. */
  ended = false;
  /** Set by whoever reads the line; called whenever there is something to read. */
  wake: (() => void) | undefined;

  put(records: readonly unknown[]): void {
    for (const record of records) this.waiting.push(record);
    this.wake?.();
  }

  /** Up to `most` records from the front, with the offset of the first. */
  take(most: number): { offset: number; records: unknown[] } {
    const offset = this.offset;
    const records = this.waiting.splice(0, most);
    this.offset += records.length;
    return { offset, records };
  }
}

/** Topics in process. A record put before its reader listens waits for it, so that start-up has no order. */
export class LocalBus {
  private readonly lines = new Map<string, LocalLine>();

  line(topic: string): LocalLine {
    let line = this.lines.get(topic);
    if (!line) this.lines.set(topic, (line = new LocalLine()));
    return line;
  }
}
