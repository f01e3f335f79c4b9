import type { Band, DeliveredEnvelope } from './envelope.js';
import type { Outcome } from './outcome.js';

/** The body of one recipient's copy. Only `minimise` makes one, and only this can be handed to the wire. */
export type MinimisedMessage = DeliveredEnvelope<Record<string, unknown>> & { readonly [minimised]: true };
declare const minimised: unique symbol;

/** One attempt at one delivery, carried from hub to adapter at most once. */
export interface Work {
  deliveryId: string;
  messageId: string;
  partner: string;
  band: Band;
  /** Names this attempt; every fact about it carries it. It is also the claim's token. */
  attemptId: string;
  /** 1 for the first try. */
  attempt: number;
  /** RFC 3339. An attempt not begun by then is never begun. */
  notAfter: string;
  /** How long the attempt itself may take, in milliseconds. */
  timeoutMs: number;
  message: MinimisedMessage;
}

/** What an adapter tells the hub about an attempt. Carried at least once; every reader is idempotent. */
export type Fact = StartedFact | OutcomeFact | ReturnedFact | MarkFact;

interface AttemptRef {
  deliveryId: string;
  attemptId: string;
  partner: string;
}
/** The first byte is about to leave. Published, and taken by the broker, before it does. */
export interface StartedFact extends AttemptRef {
  kind: 'started';
}
export interface OutcomeFact extends AttemptRef {
  kind: 'outcome';
  outcome: Outcome;
}
/** Handed back unstarted by an orderly stop: costs no attempt. */
export interface ReturnedFact extends AttemptRef {
  kind: 'returned';
}
/** Put on every partition by a hub: whoever reads it has read every fact published before `at`. */
export interface MarkFact {
  kind: 'mark';
  /** Ledger time, RFC 3339. */
  at: string;
}
