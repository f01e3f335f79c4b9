import {
  FAULTS,
  type Alliance,
  type Fact,
  type FaultCode,
  type Outcome,
  type OutcomeFact,
  type Partner,
} from '#contracts';
import { dueAt } from '../cases/calendar.js';
import { handBack } from '../dispatch/dispatch.js';
import { station, type Logger } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import type { AttemptState } from '../store/read-attempts.js';
import type { NewAlert, Settled, Settlement } from '../store/settle-deliveries.js';
import { ownerOf } from './owners.js';
import { judgeLease, recover, settleLate, type Action, type Tell } from './recoverability.js';

export interface SettleTools {
  alliance: Alliance;
  partners: ReadonlyMap<string, Partner>;
  readAttempts(ids: readonly string[]): Promise<Map<string, AttemptState>>;
  markStarted(attempts: readonly { deliveryId: string; attemptId: string }[]): Promise<void>;
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  metrics: Metrics;
  log: Logger;
}

/**
 * LINE 3. Facts from adapters become states, in one transaction a batch. Everything here may come twice, late or out
 * of order. Throws only infrastructure faults; then the same facts come again.
 */
export async function settle(tools: SettleTools, facts: readonly Fact[]): Promise<void> {
  const begun = performance.now();
  const outcomes = facts.filter((fact): fact is OutcomeFact => fact.kind === 'outcome');
  const settled = new Set(outcomes.map((fact) => fact.attemptId));
  const started = facts
    .filter((fact) => fact.kind === 'started')
    .filter((fact) => !settled.has(fact.attemptId));
  const returned = facts.filter((fact) => fact.kind === 'returned');
  if (started.length > 0) await tools.markStarted(started);

  const settlements = returned.map(({ deliveryId, attemptId }) => handBack(deliveryId, attemptId, 0));
  if (outcomes.length > 0) {
    const attempts = await tools.readAttempts([...new Set(outcomes.map((fact) => fact.deliveryId))]);
    settlements.push(...outcomes.flatMap((fact) => settlementOf(tools, attempts.get(fact.deliveryId), fact)));
  }
  if (settlements.length > 0) await tools.settle(settlements);
  tools.metrics.settleSeconds.observe((performance.now() - begun) / 1000);
}

const ANSWERED: Outcome = {
  class: 'delivered',
  arrived: 'yes',
  code: 'acknowledged',
  evidence: { note: 'a business answer names it' },
};

/** Claims of which nothing more can come: back to ready, or uncertain. */
export async function judgeLeases(tools: SettleTools, expired: readonly AttemptState[]): Promise<void> {
  const settlements = expired.map((attempt) => {
    if (attempt.answered) return { ...acknowledged(attempt, ANSWERED), from: ['claimed' as const] };
    const action = judgeLease({ ...recoverInput(tools, attempt), started: attempt.startedAt !== null });
    const outcome: Outcome = {
      class: 'refused-transient',
      arrived: 'maybe',
      code: 'timeout',
      evidence: { note: 'lease ended' },
    };
    return settlementFor(tools, attempt, action, outcome);
  });
  if (settlements.length > 0) await tools.settle(settlements);
}

function settlementOf(
  tools: SettleTools,
  attempt: AttemptState | undefined,
  fact: OutcomeFact,
): Settlement[] {
  // An ended delivery is out of reach of any outcome.
  if (!attempt) return [];
  const { outcome } = fact;
  if (attempt.attemptId === fact.attemptId && attempt.state === 'claimed')
    return [settlementFor(tools, attempt, recover({ ...recoverInput(tools, attempt), outcome }), outcome)];
  // Late, but perhaps the proof that was missing.
  if (settleLate(attempt.state, outcome).do === 'nothing') return [];
  return [{ ...acknowledged(attempt, outcome), from: [attempt.state] }];
}

function recoverInput(
  tools: SettleTools,
  attempt: AttemptState,
): Omit<Parameters<typeof recover>[0], 'outcome'> {
  return {
    idempotent: tools.partners.get(attempt.partner)?.idempotent ?? false,
    band: attempt.band,
    attempt: attempt.attempt,
    headMs: attempt.headMs,
    ageMs: attempt.ageMs,
    told: attempt.told,
    possibleRepeat: attempt.possibleRepeat,
    rests: attempt.rests,
    policy: tools.alliance.policy,
    random: Math.random(),
  };
}

/** An action of the rule as a change of the ledger, with its station, its alert and its log line. */
function settlementFor(
  tools: SettleTools,
  attempt: AttemptState,
  action: Action,
  outcome: Outcome,
): Settlement {
  const settlement = changeFor(tools, attempt, action, outcome);
  const last = settlement.stations.at(-1);
  const { messageId, deliveryId, partner, band } = attempt;
  tools.metrics.deliveries.inc({ partner, band, state: stateAfter(settlement), outcome: outcome.code });
  if (last)
    station(tools.log, last, {
      messageId,
      deliveryId,
      partner,
      band,
      attempt: attempt.attempt,
      outcome: outcome.code,
      arrived: outcome.arrived,
    });
  return settlement;
}

function changeFor(tools: SettleTools, attempt: AttemptState, action: Action, outcome: Outcome): Settlement {
  const base = {
    deliveryId: attempt.deliveryId,
    ...(attempt.attemptId && { attemptId: attempt.attemptId }),
    from: ['claimed'] as const,
  };
  const detail = detailOf(attempt, outcome);
  switch (action.do) {
    case 'acknowledge':
      return {
        ...acknowledged(attempt, outcome),
        ...(attempt.band !== 'urgent' && { gate: { effect: 'success' } }),
      };
    case 'hand-over': {
      const forMs = untilMs(
        tools.alliance,
        tools.partners.get(attempt.partner)?.ackWithin ?? 'P1WD',
        attempt.now,
      );
      return {
        ...base,
        verb: { do: 'hand-over', forMs },
        stations: ['wire.claimed', 'wire.sent', 'delivery.handed-over'],
        detail,
      };
    }
    case 'retry':
      return {
        ...base,
        verb: {
          do: 'ready',
          inMs: action.dueInMs,
          free: !action.costsAttempt,
          possibleRepeat: action.possibleRepeat === true,
        },
        stations: action.costsAttempt
          ? ['wire.claimed', 'wire.sent', 'delivery.retrying']
          : ['delivery.retrying'],
        detail,
        // A resting gate never stops urgent work, so urgent work does not move it.
        ...(action.rest &&
          attempt.band !== 'urgent' && {
            gate: { effect: 'rest', forMs: action.rest.forMs, reason: outcome.code },
          }),
        ...(action.tell && { alert: alertOf(attempt, action.tell) }),
      };
    case 'park':
      return {
        ...base,
        ...parked(tools, attempt, action.code),
        detail,
        alert: alertOf(attempt, action.tell ?? 'parked', action.code),
      };
    case 'close-gate':
      return {
        ...base,
        ...(action.requeue || action.parkCode === undefined
          ? {
              verb: { do: 'ready', inMs: 0, free: true, possibleRepeat: action.possibleRepeat === true },
              stations: ['delivery.retrying'],
            }
          : parked(tools, attempt, action.parkCode)),
        detail,
        gate: { effect: 'close', reason: FAULTS[action.code].means },
        alert: alertOf(attempt, action.tell),
      };
  }
}

function acknowledged(attempt: AttemptState, outcome: Outcome): Settlement {
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
  tools: SettleTools,
  attempt: AttemptState,
  code: FaultCode,
): Pick<Settlement, 'verb' | 'fault' | 'owner' | 'stations'> {
  const uncertain = code.startsWith('uncertain/');
  return {
    verb: {
      do: 'park',
      forMs: untilMs(tools.alliance, tools.alliance.policy.parkedFor[attempt.band], attempt.now),
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
  return {
    attempt: attempt.attempt,
    outcome: outcome.code,
    arrived: outcome.arrived,
    ...outcome.evidence,
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

function stateAfter({ verb }: Settlement): string {
  const states = { ready: 'ready', park: 'parked', 'hand-over': 'handed-over', block: 'blocked' } as const;
  return verb.do === 'end' ? verb.state : states[verb.do];
}
