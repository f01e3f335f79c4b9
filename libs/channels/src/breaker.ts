import CircuitBreaker from 'opossum';
import type { Outcome, OutcomeCode } from '#contracts';

/** Codes that speak of the endpoint's health, and not of one message. */
const ENDPOINT_FAILS: ReadonlySet<OutcomeCode> = new Set([
  'connection-refused',
  'unavailable',
  'server-error',
  'timeout',
  'reset',
]);

/**
 * The local fuse of one endpoint in this process. It spares a failing endpoint for a moment and bounds what is under way
 * at once; when to try again is the ledger's to say, so it retries nothing and remembers nothing beyond a few seconds.
 */
export interface Breaker {
  /** Runs the attempt, or gives `breaker-open` / `breaker-full` without running it. Throws what the attempt threw. */
  run(attempt: () => Promise<Outcome>): Promise<Outcome>;
  /** Stops its timers; every later run throws. */
  close(): void;
}

/** How long it stays open: shorter than the shortest rest of a gate, so that a gate's probe is never eaten by it. */
const OPEN_FOR_MS = 1_000;

/** @param capacity attempts at once: the partner's windows added up */
export function createBreaker(partner: string, capacity: number): Breaker {
  const fuse = new CircuitBreaker(runAndSort, {
    name: partner,
    capacity,
    timeout: false, // the attempt has a time limit of its own, by its signal
    resetTimeout: OPEN_FOR_MS,
    errorThresholdPercentage: 50,
    volumeThreshold: 5,
    errorFilter: (error: unknown) => !(error instanceof EndpointFailed),
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  return {
    run: async (attempt) => {
      try {
        return await fuse.fire(attempt);
      } catch (error) {
        if (error instanceof EndpointFailed) return error.outcome;
        const code =
          error instanceof Error && CircuitBreaker.isOurError(error) && 'code' in error ? error.code : '';
        if (code === 'EOPENBREAKER') return notSent('breaker-open');
        if (code === 'ESEMLOCKED') return notSent('breaker-full');
        throw error;
      }
    },
    close: () => fuse.shutdown(),
  };
}

/** opossum counts what is thrown; so an outcome that tells of a sick endpoint is thrown, and caught again above. */
async function runAndSort(attempt: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await attempt();
  if (ENDPOINT_FAILS.has(outcome.code)) throw new EndpointFailed(outcome);
  return outcome;
}

class EndpointFailed extends Error {
  override readonly name = 'EndpointFailed';
  constructor(readonly outcome: Outcome) {
    super(outcome.code);
  }
}

const notSent = (code: 'breaker-open' | 'breaker-full'): Outcome => ({
  class: 'refused-transient',
  arrived: 'no',
  code,
});
