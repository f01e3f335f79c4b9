import { safeError } from '../platform/safe-error.js';
import type { Logger } from '../platform/log.js';
import type { Claim, ClaimedDelivery, Stream } from '../store/claim-deliveries.js';

export interface ClaimLoopTools {
  claim(partner: string, stream: Stream): Promise<Claim>;
  dispatch(claimed: readonly ClaimedDelivery[]): Promise<void>;
  /** The truth about who has work, asked each second: a wake-up may be lost. */
  partnersWithWork(): Promise<{ partner: string; stream: Stream }[]>;
  /** While false nothing is claimed: the wire is down and a lease would burn, or a restored ledger is in doubt. */
  mayClaim(): boolean;
  log: Logger;
}

const STREAMS: readonly Stream[] = ['urgent', 'ordinary'];
const POLL_MS = 1_000;
const BUSY_MS = 15;

/**
 * Claims what is ready, one claim under way per partner and stream. A wake-up during a claim is remembered, so that
 * none is lost; work of one partner never waits for another's claim.
 */
export class ClaimLoop {
  private readonly active = new Map<string, { again: boolean; done: Promise<void> }>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly tools: ClaimLoopTools) {}

  start(): void {
    this.schedulePoll();
  }

  /** There may be ready work for this partner, on either stream unless it is said. */
  wake(partner: string, streams = STREAMS): void {
    for (const stream of streams) this.run(partner, stream);
  }

  /** Claims nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await Promise.all([...this.active.values()].map((run) => run.done));
  }

  private run(partner: string, stream: Stream): void {
    if (this.stopped || !this.tools.mayClaim()) return;
    const key = `${stream} ${partner}`;
    const running = this.active.get(key);
    if (running) {
      running.again = true;
      return;
    }
    const run = { again: false, done: Promise.resolve() };
    this.active.set(key, run);
    run.done = this.drain(partner, stream, run);
  }

  private async drain(partner: string, stream: Stream, run: { again: boolean }): Promise<void> {
    try {
      do {
        run.again = false;
        const { claimed, busy } = await this.tools.claim(partner, stream);
        if (busy) setTimeout(() => this.run(partner, stream), BUSY_MS).unref();
        if (claimed.length > 0) {
          await this.tools.dispatch(claimed);
          run.again = true;
        }
      } while (run.again && !this.stopped && this.tools.mayClaim());
    } catch (error) {
      // The poll comes back to it; what was claimed is found by its lease.
      this.tools.log.error({ partner, stream, err: safeError(error) }, 'claim failed');
    } finally {
      // In the same step as the last look at `again`: a wake-up between the two would be lost.
      this.active.delete(`${stream} ${partner}`);
    }
  }

  private schedulePoll(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.poll(), POLL_MS * (0.8 + Math.random() * 0.4));
  }

  private async poll(): Promise<void> {
    try {
      if (this.tools.mayClaim())
        for (const { partner, stream } of await this.tools.partnersWithWork()) this.run(partner, stream);
    } catch (error) {
      this.tools.log.error({ err: safeError(error) }, 'looking for work failed');
    }
    this.schedulePoll();
  }
}
