import type { Outcome, Work } from '#contracts';

/**
 * The one port to a partner. An adapter translates and carries: one attempt in, one Outcome out. It does not retry,
 * does not decide and stores nothing. It returns for every expected end; what it throws becomes a `defect`.
 */
export interface Adapter {
  /** The partner's id, as in `config/partners.json`. */
  readonly partner: string;
  /** Carries one copy. `signal` aborts when the attempt's time is up. */
  attempt(work: Work, signal: AbortSignal): Promise<Outcome>;
  /** Releases sockets and timers. */
  close(): Promise<void>;
}
