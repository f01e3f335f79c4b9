import { topics, type Fact, type Work } from '#contracts';
import type { LocalBus } from './local-bus.js';
import { WireDown, type Wire } from './wire.js';

/** The wire inside one process. It carries records by reference: whoever reads one must not change it. */
export class LocalWire implements Wire {
  readonly kind = 'local';
  private up = true;

  constructor(private readonly bus: LocalBus) {}

  async sendWork(work: readonly Work[]): Promise<void> {
    const lines = work.map((one) => this.bus.line(topics.deliver(one.partner, one.band)));
    if (lines.some((line) => line.ended)) this.up = false;
    if (!this.up) throw new WireDown('The adapters of this process have stopped; no work was taken.');
    lines.forEach((line, i) => line.put([work[i]]));
  }

  async sendFacts(facts: readonly Fact[]): Promise<void> {
    const line = this.bus.line(topics.outcomes);
    if (line.ended) throw new WireDown('The hub of this process has stopped; no fact was taken.');
    line.put(facts);
  }

  async publish(): Promise<void> {}

  isUp(): boolean {
    return this.up;
  }

  async factPartitions(): Promise<number> {
    return 1;
  }

  async rereadFacts(): Promise<boolean> {
    return false;
  }

  async endsOf(): Promise<ReadonlyMap<number, string>> {
    return new Map();
  }

  async close(): Promise<void> {
    this.up = false;
  }
}
