/** How one attempt at a delivery ended, in the words of the adapter that made it. */
export interface Outcome {
  class: OutcomeClass;
  /** Whether the body reached the partner. `maybe` is a state of its own: see R4 of the design. */
  arrived: Arrived;
  /** A stable code from `OUTCOME_CODES`; never text of the partner's. */
  code: OutcomeCode;
  /** Milliseconds that the partner asked us to wait. */
  retryAfterMs?: number;
  /** What proves the class, for the timeline: a status, an echoed id. Never payload. */
  evidence?: Evidence;
}

export const OUTCOME_CLASSES = [
  'delivered',
  'handed-over',
  'refused-transient',
  'refused-permanent',
  'refused-auth',
  'defect',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];
export type Arrived = 'no' | 'maybe' | 'yes';

export interface Evidence {
  /** HTTP status, where there was one. */
  status?: number;
  /** The id that the partner echoed or gave to what it took. */
  reference?: string;
  /** Milliseconds from the first byte out to the answer. */
  tookMs?: number;
  /** A few words of ours, never the partner's text. */
  note?: string;
}

/** Every code an adapter may give, with what it means. */
export const OUTCOME_CODES = {
  acknowledged: 'The partner proved that it has the copy, in the way that its adapter declares.',
  duplicate: 'The partner says that it had the copy before, with its own marker.',
  'handed-over': 'Carried to where the partner fetches it; its acknowledgement comes later.',
  'connection-refused': 'No connection: refused, name not found, or TLS handshake failed. The gate rests.',
  'breaker-open': 'The local fuse of this endpoint is open; nothing was sent. The gate rests.',
  'breaker-full': 'Too many attempts at once in this process; nothing was sent.',
  'rate-limited': 'The partner asked us to slow down (429).',
  unavailable: 'The partner says that it is not available (503 with Retry-After). The gate rests.',
  expired: 'The attempt was not begun before its `notAfter`; nothing was sent.',
  'server-error': 'The partner answered 500, 502, 504 or a bare 503 after the body was sent.',
  timeout: 'No answer in time after the first byte of the body.',
  reset: 'The connection broke after the first byte of the body.',
  'no-evidence': 'A 2xx without the evidence that the adapter declares (HTML, wrong id).',
  redirected: 'A 3xx after the body was sent; never followed.',
  refused: 'The partner refuses the message for good (400, 404, 406, 409, 413, 415, 422).',
  unauthorised: 'The partner does not accept our credentials or its certificate is not acceptable.',
  unmapped: 'An answer that the adapter does not know.',
  'adapter-error': 'The adapter itself failed.',
} as const;
export type OutcomeCode = keyof typeof OUTCOME_CODES;

/** Codes after which the partner's gate rests instead of the delivery losing an attempt. */
export const RESTS_GATE: readonly OutcomeCode[] = ['connection-refused', 'breaker-open', 'unavailable'];
