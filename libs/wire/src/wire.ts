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
   * took none for certain, so that the claims can be handed back at no cost. Any other error means that some may
   * have been taken: leave those claims to their lease.
   */
  sendWork(work: readonly Work[]): Promise<void>;
  /**
   * Publishes facts, in order per delivery; a mark goes to every partition. Resolves when the wire has taken all of
   * them (Kafka: acks=all). An `outcome` or `returned` is tried until it is taken or the wire closes; a `started` or
   * a `mark` is tried once and then rejects with `WireDown`, so that no attempt begins on a stale promise.
   */
  sendFacts(facts: readonly Fact[]): Promise<void>;
  /**
   * Puts records of the hub's own on a topic for others to read (receipts, stations), in order per key; a key is never
   * personal. Resolves when they are taken, rejects as `sendWork` does. Nobody listens in process: the local wire
   * drops them.
   */
  publish(topic: string, records: ReadonlyArray<{ key: string; value: object }>): Promise<void>;
  /** Whether work could be sent now; while false the claim loop rests, so that no lease burns. */
  isUp(): boolean;
  /** How many partitions facts come back on: a mark has been read when it came on each of them. Local: 1. */
  factPartitions(): Promise<number>;
  /**
   * Hands over once more every fact that came since then and until now, in order per delivery, beside the ordinary
   * reading. Answers whether all of them were still there; a local wire keeps none.
   */
  rereadFacts(since: Date, handle: (facts: readonly Fact[]) => Promise<void>): Promise<boolean>;
  /** Where each partition of a topic ends now, of those that hold a record; a local wire has none. */
  endsOf(topic: string): Promise<ReadonlyMap<number, string>>;
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
   * `own-offsets`: the handler stores the offsets itself (intake: in the ledger's transaction), and the strategy asks
   * `startOffsets` where to begin on assignment. A throw brings the batch again, as above.
   */
  carriage: 'at-most-once' | 'at-least-once' | 'own-offsets';
  /** `each`: one record a call, several calls at once (work). `batch`: an array of up to 200 records a call. */
  mode: 'each' | 'batch';
}

/** What a handler is called with as its Nest context. */
export interface WireContext {
  topic: string;
  partition: number;
  /** Of the first record in a batch. */
  offset: string;
  /** Where reading goes on after this call: what an `own-offsets` handler stores with its records. */
  nextOffset: string;
  /** Aborts when the strategy stops: hand back work that has not begun. Facts still come until the end. */
  stopping: AbortSignal;
}

/** A record that is no JSON object, handed to an `at-least-once` handler in its place so that it leaves a trace. */
export interface Poison {
  poison: true;
  topic: string;
  partition: number;
  offset: string;
}

/** What `onHandlerError` is told of a record of work that is no JSON object: it is dropped, for its lease finds it. */
export class PoisonRecord extends Error {
  override readonly name = 'PoisonRecord';
  constructor({ topic, partition, offset }: Poison) {
    super(`The record at offset ${offset} of ${topic}, partition ${partition}, is no JSON object; dropped.`);
  }
}

/** A record as an `own-offsets` handler gets it: the door decides what the text is, as it does over HTTP. */
export interface RawRecord {
  offset: string;
  /** The record's bytes as UTF-8; empty for a record without a value. */
  text: string;
}

export function isPoison(record: unknown): record is Poison {
  return typeof record === 'object' && record !== null && 'poison' in record && record.poison === true;
}

/** What both strategies are told. */
export interface StrategyOptions {
  /** What this process must read. It refuses to boot unless each has exactly one handler, and no other topic has. */
  topics: readonly string[];
  /** Told of every throw of a handler, and of a consumer that had to be started anew. Log it; never rethrow. */
  onHandlerError: (topic: string, error: unknown) => void;
  /** How long an orderly stop waits for handlers that run, in milliseconds; 10,000 unless told. */
  drainMs?: number;
  /** Kafka: attempts under way at once, per topic and process; 16 unless told. The hub's windows bound the local wire. */
  concurrency?: number;
  /** `own-offsets` only: per partition, the offset to begin at. A partition not named begins at its start. */
  startOffsets?: (topic: string) => Promise<ReadonlyMap<number, string>>;
}
