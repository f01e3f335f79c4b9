import type { Fact, Outcome, OutcomeFact } from '#contracts';
import { handBack } from '../dispatch/dispatch.js';
import type { AttemptOf, LeftCopy } from '../dispatch/left-copies.js';
import { station, type Logger } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import { UNKNOWN_ATTEMPT, type AttemptState } from '../store/read-attempts.js';
import type { Settled, Settlement } from '../store/settle-deliveries.js';
import { judgeLease, recover, settleLate, type Action } from './recoverability.js';
import { acknowledged, settlementFor, type SettlementRules } from './settlement.js';

export interface SettleTools extends SettlementRules {
  readAttempts(ids: readonly string[]): Promise<Map<string, AttemptState>>;
  /** What the attempts carried. */
  leftWith(attempts: readonly AttemptOf[]): Promise<Map<string, LeftCopy>>;
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
  const { first: now, again } = onePerDelivery(facts);
  await settleTogether(tools, now);
  if (again.length > 0) await settle(tools, again);
}

/** A fact that came twice, or two attempts' facts: the second is judged by what the first has left. */
function onePerDelivery(facts: readonly Fact[]): { first: Fact[]; again: Fact[] } {
  const seen = new Set<string>();
  const first: Fact[] = [];
  const again: Fact[] = [];
  for (const fact of facts) {
    const ends = fact.kind === 'outcome' || fact.kind === 'returned';
    (ends && seen.has(fact.deliveryId) ? again : first).push(fact);
    if (ends) seen.add(fact.deliveryId);
  }
  return { first, again };
}

async function settleTogether(tools: SettleTools, facts: readonly Fact[]): Promise<void> {
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
    const left = await tools.leftWith(outcomes.filter(({ outcome }) => mayHaveLeft(outcome)));
    settlements.push(
      ...outcomes.flatMap((fact) => {
        const found = settlementOf(tools, attempts.get(fact.deliveryId), fact);
        return found.map((settlement) => withCopy(settlement, left.get(fact.attemptId)));
      }),
    );
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

/** Whoever answered had our request, whatever the answer was. */
function mayHaveLeft({ arrived, evidence }: Outcome): boolean {
  return arrived !== 'no' || evidence?.status !== undefined;
}

/** The record of an attempt says what it carried. */
function withCopy(settlement: Settlement, left: LeftCopy | undefined): Settlement {
  return left ? { ...settlement, detail: { ...settlement.detail, ...left } } : settlement;
}

/** Whether a byte of the attempt may have left. What lies in our own inbox never does. */
function hasLeft(tools: SettleTools, attempt: Pick<AttemptState, 'startedAt' | 'partner'>): boolean {
  return attempt.startedAt !== null && tools.partners.get(attempt.partner)?.channel !== 'inbox';
}

/** Claims of which nothing more can come: back to ready, or uncertain. */
export async function judgeLeases(tools: SettleTools, expired: readonly AttemptState[]): Promise<void> {
  const left = await tools.leftWith(
    expired.flatMap(({ deliveryId, attemptId, ...attempt }) =>
      attemptId !== null && hasLeft(tools, attempt) ? [{ deliveryId, attemptId }] : [],
    ),
  );
  const settlements = expired.map((attempt) =>
    withCopy(judged(tools, attempt), left.get(attempt.attemptId ?? '')),
  );
  if (settlements.length > 0) await tools.settle(settlements);
}

function judged(tools: SettleTools, attempt: AttemptState): Settlement {
  if (attempt.answered) return { ...acknowledged(attempt, ANSWERED), from: ['claimed' as const] };
  const action = judgeLease({ ...recoverInput(tools, attempt), started: hasLeft(tools, attempt) });
  const outcome: Outcome = {
    class: 'refused-transient',
    arrived: 'maybe',
    code: 'timeout',
    evidence: { note: 'lease ended' },
  };
  return told(tools, attempt, action, outcome);
}

function settlementOf(
  tools: SettleTools,
  attempt: AttemptState | undefined,
  fact: OutcomeFact,
): Settlement[] {
  // An ended delivery is out of reach of any outcome.
  if (!attempt) return [];
  const { outcome } = fact;
  const isClaim = attempt.attemptId === fact.attemptId || attempt.attemptId === UNKNOWN_ATTEMPT;
  if (isClaim && attempt.state === 'claimed')
    return [told(tools, attempt, recover({ ...recoverInput(tools, attempt), outcome }), outcome)];
  // Late, but perhaps the proof that was missing.
  if (settleLate(attempt.state, outcome).do === 'nothing') return [];
  // The attempt itself stands in the record already, from when it was given up.
  return [{ ...acknowledged(attempt, outcome), from: [attempt.state], stations: ['partner.received'] }];
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

/** The change that follows from the rule, with its log line and its count. */
function told(tools: SettleTools, attempt: AttemptState, action: Action, outcome: Outcome): Settlement {
  const settlement = settlementFor(tools, attempt, action, outcome);
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

function stateAfter({ verb }: Settlement): string {
  const states = { ready: 'ready', park: 'parked', 'hand-over': 'handed-over', block: 'blocked' } as const;
  return verb.do === 'end' ? verb.state : states[verb.do];
}
