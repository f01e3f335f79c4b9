import { safeError } from './platform/safe-error.js';
import type { Logger } from './platform/log.js';

interface Round {
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
}

/** What must be looked at again and again. A round never overlaps itself; one that fails is logged and comes again. */
export class Rounds {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly running = new Map<string, Promise<void>>();
  private stopped = false;

  constructor(
    private readonly rounds: readonly Round[],
    private readonly log: Logger,
  ) {}

  start(): void {
    for (const round of this.rounds) this.schedule(round, 0);
  }

  /** Runs a round now instead of at its time. */
  kick(name: string): void {
    const round = this.rounds.find((each) => each.name === name);
    if (round && !this.running.has(name)) this.schedule(round, 0);
  }

  /** Runs a round now and waits for it. */
  async now(name: string): Promise<void> {
    await this.running.get(name);
    const round = this.rounds.find((each) => each.name === name);
    if (round) await this.go(round);
  }

  /** Starts nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.running.values());
  }

  private schedule(round: Round, inMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timers.get(round.name));
    this.timers.set(
      round.name,
      setTimeout(() => void this.go(round), inMs),
    );
  }

  private async go(round: Round): Promise<void> {
    const done = round
      .run()
      .then(() => undefined)
      .catch((error: unknown) =>
        this.log.error({ round: round.name, err: safeError(error) }, 'round failed'),
      );
    this.running.set(round.name, done);
    await done;
    this.running.delete(round.name);
    this.schedule(round, round.everyMs * (0.9 + Math.random() * 0.2));
  }
}
