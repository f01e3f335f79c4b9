import type { Fact, Work } from '#contracts';

/**
 * The seam between hub and adapters. Both wires carry the same records under the same topics; a handler is an
 * ordinary Nest `@EventPattern` controller on either.
 *
 * - `Work` goes out at most once; the wire may lose it, the lease in the ledger finds it again.
 * - A `Fact` comes back at least once; a handler that throws gets the same records again.
 */
export interface Wire {
  /** `local` (in process) or `kafka`. */
  readonly kind: 'local' | 'kafka';
  /**
   * Hands work to the partner's topic. Resolves when the wire has taken all of it; rejects with `WireDown` when it
   * took none for certain, so that the claims can be handed back at no cost.
   */
  sendWork(work: readonly Work[]): Promise<void>;
  /** Publishes facts, in order per delivery. Resolves when the wire has taken all of them (Kafka: acks=all). */
  sendFacts(facts: readonly Fact[]): Promise<void>;
  /** Whether work could be sent now; while false the claim loop rests, so that no lease burns. */
  isUp(): boolean;
  close(): Promise<void>;
}

/** The wire could not be reached: nothing was taken. */
export class WireDown extends Error {
  override readonly name = 'WireDown';
}

/** How an `@EventPattern` handler wants its records, given as the decorator's `extras`. */
export interface HandlerExtras {
  /**
   * `at-most-once`: the offset is committed before the handler runs (work).
   * `at-least-once`: it is committed after the handler resolved; a throw brings the batch again, with a pause (facts).
   * `own-offsets`: the handler stores the offsets itself (intake: in the ledger's transaction) and answers where to
   * start on assignment.
   */
  carriage: 'at-most-once' | 'at-least-once' | 'own-offsets';
  /** `each`: one record a call, `concurrency` at once. `batch`: an array of records a call. */
  mode: 'each' | 'batch';
}

/** What a handler is called with as its Nest context. */
export interface WireContext {
  topic: string;
  partition: number;
  /** Of the first record in a batch. */
  offset: string;
  /** Resolves when the strategy stops: hand back what has not begun. */
  stopping: AbortSignal;
}
