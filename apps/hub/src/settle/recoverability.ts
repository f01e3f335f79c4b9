import { mayFollow, RESTS_GATE } from '#contracts';
import type { Band, DeliveryState, FaultCode, Outcome, OutcomeCode, Policy } from '#contracts';

/** Everything that the rule may look at. Times in milliseconds of the ledger's clock. */
export interface RecoverInput {
  outcome: Outcome;
  /** The partner is proven to know a repeated `deliveryid`. */
  idempotent: boolean;
  band: Band;
  /** Attempts that counted, this one among them: 1 after the first. */
  attempt: number;
  /** How long the delivery has been its lane's head with the partner's gate open. */
  headMs: number;
  /** Since accept. */
  ageMs: number;
  /** The steps of `policy.urgentTellMs` at which a person was told of this delivery. */
  told: number;
  /** The copy is already marked as a possible repeat; then a person was told of that. */
  possibleRepeat: boolean;
  /** How many times in a row the gate has come to rest. */
  rests: number;
  policy: Policy;
  /** In [0, 1): full jitter. */
  random: number;
}

/** What follows. `tell` is why a person is told at once; `alert` means that developers are, too. */
export type Action =
  | { do: 'acknowledge' }
  /** Until the partner's `ackWithin` has passed. */
  | { do: 'hand-over' }
  | RetryAction
  | { do: 'park'; code: FaultCode; tell?: Tell; alert?: true }
  | CloseGateAction;

export interface RetryAction {
  do: 'retry';
  dueInMs: number;
  costsAttempt: boolean;
  /** The partner's gate comes to rest. */
  rest?: { forMs: number };
  /** The next copy says that the body may have arrived before. */
  possibleRepeat?: true;
  tell?: Tell;
  alert?: true;
}

/** Our credentials fail: the gate closes until a person opens it, for `urgent` too. Costs no attempt. */
export interface CloseGateAction {
  do: 'close-gate';
  code: 'partner-unavailable/credentials';
  /** The delivery goes back to ready and waits; else it is parked with `parkCode`. */
  requeue: boolean;
  parkCode?: FaultCode;
  possibleRepeat?: true;
  tell: Tell;
}

/** `late`: an urgent delivery passed one of the steps of `policy.urgentTellMs`. */
export type Tell = 'late' | 'possible-repeat' | 'refused' | 'credentials' | 'defect';

/** The one rule of what follows an attempt: class × arrived × idempotent × band × time. */
export function recover(input: RecoverInput): Action {
  const { outcome } = input;
  if (outcome.arrived === 'maybe' || contradicts(outcome)) return ambiguous(input, 'uncertain/maybe-arrived');
  switch (outcome.class) {
    case 'delivered':
      return { do: 'acknowledge' };
    case 'handed-over':
      return { do: 'hand-over' };
    case 'refused-transient':
      return retryOrGiveUp(input);
    case 'refused-permanent':
      return { do: 'park', code: 'partner-refused/refused', ...(urgent(input) && { tell: 'refused' }) };
    case 'refused-auth':
      return {
        do: 'close-gate',
        code: 'partner-unavailable/credentials',
        requeue: true,
        tell: 'credentials',
      };
    case 'defect':
      return urgent(input)
        ? { ...retry(input), tell: 'defect', alert: true }
        : { do: 'park', code: 'defect/unexpected', alert: true };
    default:
      // A class from a newer adapter: unknown is a defect, never success, and may have arrived.
      return ambiguous({ ...input, outcome: { ...outcome, class: 'defect' } }, 'uncertain/maybe-arrived');
  }
}

/** An outcome that cannot be true proves nothing, so the body may have arrived. */
function contradicts({ class: kind, arrived }: Outcome): boolean {
  if (kind === 'delivered') return arrived !== 'yes';
  if (kind === 'handed-over') return false;
  return arrived !== 'no';
}

/** R4. Tried again only where a repeat is known as one, or where a person is told; else a person decides. */
function ambiguous(input: RecoverInput, code: FaultCode): Action {
  const { outcome, idempotent } = input;
  const again = idempotent || urgent(input);
  if (outcome.class === 'refused-auth')
    return {
      do: 'close-gate',
      code: 'partner-unavailable/credentials',
      requeue: again,
      tell: 'credentials',
      ...(!again && { parkCode: code }),
      ...(urgent(input) && { possibleRepeat: true as const }),
    };
  const defect = outcome.class === 'defect' && { alert: true as const };
  if (urgent(input)) {
    const { tell, ...next } = retry(input);
    const why = input.possibleRepeat ? tell : 'possible-repeat';
    return { ...next, possibleRepeat: true, ...(why && { tell: why }), ...defect };
  }
  if (!idempotent) return { do: 'park', code, ...defect };
  // Trying a defect again would only repeat it.
  if (outcome.class === 'defect') return { do: 'park', code: 'defect/unexpected', alert: true };
  return retryOrGiveUp(input);
}

/** Give-up is by time, and only by time that the delivery itself had: heading its lane, the gate open. */
function retryOrGiveUp(input: RecoverInput): Action {
  const { giveUpMs } = input.policy.retry[input.band];
  if (!urgent(input) && giveUpMs !== null && input.headMs >= giveUpMs)
    return { do: 'park', code: 'partner-unavailable/given-up' };
  return retry(input);
}

/** What kept us from sending at all says nothing against the delivery. */
const COSTS_NOTHING: readonly OutcomeCode[] = [...RESTS_GATE, 'breaker-full', 'expired'];

function retry(input: RecoverInput): RetryAction {
  const { outcome, policy, told, ageMs } = input;
  const rests = RESTS_GATE.includes(outcome.code);
  const late = urgent(input) && policy.urgentTellMs.filter((step) => step <= ageMs).length > told;
  return {
    do: 'retry',
    // A resting gate holds ordinary work until it opens; urgent work does not wait for it and keeps its own pace.
    dueInMs: rests && !urgent(input) ? 0 : pause(input),
    costsAttempt: !COSTS_NOTHING.includes(outcome.code),
    ...(rests && { rest: { forMs: restFor(outcome, input.rests, policy, input.random) } }),
    ...(late && { tell: 'late' as const }),
  };
}

/** Full jitter, never sooner than the partner asked for, up to a cap. */
function pause({ outcome, policy, band, attempt, rests, random }: RecoverInput): number {
  const { baseMs, capMs, retryAfterCapMs } = policy.retry[band];
  // Attempts that cost nothing do not count up, so the gate's rests stand in for them.
  const doublings = Math.max(attempt - 1, rests, 0);
  const jittered = Math.floor(random * Math.min(capMs, baseMs * 2 ** doublings));
  return Math.max(jittered, Math.min(outcome.retryAfterMs ?? 0, retryAfterCapMs));
}

/** At least half of the step, so that a gate that rests does rest. */
function restFor(outcome: Outcome, rests: number, policy: Policy, random: number): number {
  const { baseMs, capMs } = policy.gate;
  const step = Math.min(capMs, baseMs * 2 ** rests);
  const asked = Math.min(outcome.retryAfterMs ?? 0, policy.retry.normal.retryAfterCapMs);
  return Math.max(asked, Math.floor(step * (0.5 + random / 2)));
}

function urgent({ band }: Pick<RecoverInput, 'band'>): boolean {
  return band === 'urgent';
}

/**
 * What follows for a claim whose attempt is past its time and of which nothing more can come. Never started: never sent,
 * so back to ready at no cost. Started without an outcome: it may have arrived.
 */
export function judgeLease(input: Omit<RecoverInput, 'outcome'> & { started: boolean }): Action {
  if (!input.started) return { do: 'retry', dueInMs: 0, costsAttempt: false };
  const outcome: Outcome = { class: 'refused-transient', arrived: 'maybe', code: 'timeout' };
  return ambiguous({ ...input, outcome }, 'uncertain/lease-lost');
}

/**
 * An outcome of an attempt that is no longer the delivery's claim. It can prove arrival and so settle a live delivery;
 * it can take nothing back.
 */
export function settleLate(
  state: DeliveryState,
  outcome: Outcome,
): { do: 'acknowledge' } | { do: 'nothing' } {
  const proof = outcome.class === 'delivered' && outcome.arrived === 'yes';
  return proof && mayFollow(state, 'acknowledged') ? { do: 'acknowledge' } : { do: 'nothing' };
}
