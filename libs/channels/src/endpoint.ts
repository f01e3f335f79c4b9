import type { Outcome, Work } from '#contracts';

/** One partner's endpoint, as an adapter needs it: one attempt in, one Outcome out. */
export interface Endpoint {
  /** The partner's id, as in `config/partners.json`. */
  readonly partner: string;
  /** Carries one copy. `signal` aborts when the attempt's time is up. */
  attempt(work: Work, signal: AbortSignal): Promise<Outcome>;
  /** Releases sockets and timers. */
  close(): Promise<void>;
}
