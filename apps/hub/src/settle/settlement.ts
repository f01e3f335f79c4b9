import { FAULTS, type Alliance, type FaultCode, type Outcome, type Partner } from '#contracts';
import { dueAt } from '../cases/calendar.js';
import type { AttemptState } from '../store/read-attempts.js';
import type { NewAlert, Settlement } from '../store/settle-deliveries.js';
import { ownerOf } from './owners.js';
import type { Action, CloseGateAction, RetryAction, Tell } from './recoverability.js';

/** What a settlement takes from the alliance's data. */
export interface SettlementRules {
  alliance: Alliance;
  partners: ReadonlyMap<string, Partner>;
}

/** What the rule decided, as a change of the ledger. Pure; every time comes from the ledger. */
export function settlementFor(
  rules: SettlementRules,
  attempt: AttemptState,
  action: Action,
  outcome: Outcome,
): Settlement {
  const base = {
    deliveryId: attempt.deliveryId,
    ...(attempt.attemptId && { attemptId: attempt.attemptId }),
    from: ['claimed'] as const,
    detail: detailOf(attempt, outcome),
  };
  switch (action.do) {
    case 'acknowledge':
      return {
        ...acknowledged(attempt, outcome),
        ...(attempt.band !== 'urgent' && { gate: { effect: 'success' } }),
      };
    case 'hand-over':
      return {
        ...base,
        ...handedOver(rules, attempt),
        ...(attempt.band !== 'urgent' && { gate: { effect: 'success' } }),
      };
    case 'retry':
      return { ...base, ...retried(attempt, action, outcome) };
    case 'park':
      return {
        ...base,
        ...parked(rules, attempt, action.code),
        alert: alertOf(attempt, action.tell ?? 'parked', action.code),
        // Whoever refuses one message is there to answer for the next.
        ...(action.code === 'partner-refused/refused' &&
          attempt.band !== 'urgent' && { gate: { effect: 'success' } }),
      };
    case 'close-gate':
      return { ...base, ...gateClosed(rules, attempt, action) };
  }
}

type Change = Omit<Settlement, 'deliveryId' | 'attemptId' | 'from' | 'detail'>;

function handedOver({ alliance, partners }: SettlementRules, attempt: AttemptState): Change {
  const within = untilMs(alliance, partners.get(attempt.partner)?.ackWithin ?? 'P1WD', attempt.now);
  // Whoever waits for an urgent copy waits as for a parked one: then a person is told to telephone.
  const forMs =
    attempt.band === 'urgent'
      ? Math.min(within, untilMs(alliance, alliance.policy.parkedFor.urgent, attempt.now))
      : within;
  return {
    verb: { do: 'hand-over', forMs },
    stations: ['wire.claimed', 'wire.sent', 'delivery.handed-over'],
  };
}

function retried(attempt: AttemptState, action: RetryAction, outcome: Outcome): Change {
  // A resting gate never stops urgent work, so urgent work does not move it.
  const rest = attempt.band === 'urgent' ? undefined : action.rest;
  return {
    verb: {
      do: 'ready',
      inMs: action.dueInMs,
      free: !action.costsAttempt,
      possibleRepeat: action.possibleRepeat === true,
    },
    stations: action.costsAttempt
      ? ['wire.claimed', 'wire.sent', 'delivery.retrying']
      : ['delivery.retrying'],
    ...(rest && { gate: { effect: 'rest', forMs: rest.forMs, reason: outcome.code } }),
    ...(action.tell && { alert: alertOf(attempt, action.tell) }),
  };
}

function gateClosed(rules: SettlementRules, attempt: AttemptState, action: CloseGateAction): Change {
  const kept: Change = {
    verb: { do: 'ready', inMs: 0, free: true, possibleRepeat: action.possibleRepeat === true },
    stations: ['delivery.retrying'],
  };
  return {
    ...(action.requeue || action.parkCode === undefined ? kept : parked(rules, attempt, action.parkCode)),
    gate: { effect: 'close', reason: FAULTS[action.code].means },
    alert: alertOf(attempt, action.tell),
  };
}

/** The partner has it. */
export function acknowledged(attempt: AttemptState, outcome: Outcome): Settlement {
  return {
    deliveryId: attempt.deliveryId,
    ...(attempt.attemptId && { attemptId: attempt.attemptId }),
    from: ['claimed'],
    verb: { do: 'end', state: 'acknowledged' },
    stations: ['wire.claimed', 'wire.sent', 'partner.received'],
    detail: detailOf(attempt, outcome),
  };
}

function parked(
  rules: SettlementRules,
  attempt: AttemptState,
  code: FaultCode,
): Pick<Settlement, 'verb' | 'fault' | 'owner' | 'stations'> {
  const uncertain = code.startsWith('uncertain/');
  return {
    verb: {
      do: 'park',
      forMs: untilMs(rules.alliance, rules.alliance.policy.parkedFor[attempt.band], attempt.now),
      uncertain,
    },
    fault: { code, stage: 'settle', detail: FAULTS[code].means },
    owner: ownerOf(code),
    stations: uncertain
      ? ['wire.claimed', 'wire.sent', 'delivery.uncertain', 'delivery.parked']
      : ['wire.claimed', 'wire.sent', 'delivery.parked'],
  };
}

function detailOf(attempt: AttemptState, outcome: Outcome): Record<string, unknown> {
  // An adapter may stand in another trust zone: of its evidence only what a contract of ours names is kept.
  const { status, reference, tookMs, note } = outcome.evidence ?? {};
  return {
    status,
    reference,
    tookMs,
    note,
    attempt: attempt.attempt,
    outcome: outcome.code,
    arrived: outcome.arrived,
    ...(attempt.claimedAt && {
      times: { 'wire.claimed': attempt.claimedAt, 'wire.sent': attempt.startedAt ?? attempt.claimedAt },
    }),
  };
}

const TELL: Record<Tell | 'parked', (partner: string) => string> = {
  late: (partner) =>
    `An urgent message has not reached ${partner} yet. Telephone now; the hub goes on trying.`,
  'possible-repeat': (partner) =>
    `An urgent message may have reached ${partner}, and is sent again. Telephone to be sure.`,
  refused: (partner) => `${partner} refused an urgent message. Telephone now.`,
  credentials: (partner) =>
    `${partner} does not accept our credentials. Its gate is closed; mend them and resume it.`,
  defect: (partner) => `A fault of ours stopped a delivery to ${partner}. It needs a developer.`,
  parked: (partner) => `A delivery to ${partner} is parked and waits for a decision.`,
};

function alertOf(attempt: AttemptState, tell: Tell | 'parked', code?: FaultCode): NewAlert {
  const urgent = attempt.band === 'urgent' || tell === 'credentials';
  return {
    key: `${tell}:${attempt.deliveryId}:${attempt.attempt}`,
    severity: urgent ? 'urgent' : 'warning',
    kind: tell === 'parked' ? 'delivery.parked' : `delivery.${tell}`,
    owner: code ? ownerOf(code) : tell === 'credentials' ? 'credentials' : 'ops',
    text: `${TELL[tell](attempt.partner)}${code ? ` (${code})` : ''}`,
  };
}

function untilMs(alliance: Alliance, duration: string, now: Date): number {
  return dueAt(now, duration, alliance.calendars.england).getTime() - now.getTime();
}
