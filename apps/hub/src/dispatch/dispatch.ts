import { BANDS, type ReturnedFact, type Work } from '#contracts';
import { WireDown, type Wire } from '#wire';
import { dueAt } from '../cases/calendar.js';
import { station, type Logger } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import { ledgerTrouble, safeError } from '../platform/safe-error.js';
import { ownerOf } from '../settle/owners.js';
import type { ClaimedDelivery } from '../store/claim-deliveries.js';
import type { NewAlert, Settled, Settlement } from '../store/settle-deliveries.js';
import { copyFault, deriveCopy, type DerivedCopy, type DeriveRules } from './derive-copy.js';
import type { LeftCopies, LeftCopy } from './left-copies.js';

export interface DispatchTools {
  rules: DeriveRules;
  wire: Wire;
  left: LeftCopies;
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  /** Tells a person; the same key again changes nothing. */
  raise(alert: NewAlert & { messageId: string; partner: string; caseRef: string | null }): Promise<void>;
  /** Something new lies in this partner's inbox. */
  handedOver(partner: string): void;
  metrics: Metrics;
  log: Logger;
}

/**
 * LINE 2. What was claimed is checked, derived and handed to the wire, or its end is committed. Consent and agreement
 * are checked anew on every attempt, on replay too. Throws only infrastructure faults: what had not left by then is
 * returned as a fact, which waits for a ledger that is away, so that nobody takes it for uncertain; the rest is judged
 * by its lease.
 */
export async function dispatch(tools: DispatchTools, claimed: readonly ClaimedDelivery[]): Promise<void> {
  const work = await prepare(tools, claimed).catch(async (error: unknown) => {
    await tools.wire.sendFacts(claimed.map(returned)).catch(() => undefined);
    throw error;
  });
  if (work.length > 0) await emit(tools, work);
}

function returned({ deliveryId, attemptId, partner }: ClaimedDelivery): ReturnedFact {
  return { kind: 'returned', deliveryId, attemptId, partner };
}

/** What may leave, as work; what may not, or lies in our own inbox, is committed here. */
async function prepare(tools: DispatchTools, claimed: readonly ClaimedDelivery[]): Promise<Work[]> {
  const copies = await Promise.all(
    claimed.map(async (delivery) => ({
      delivery,
      copy: await copyOf(tools, delivery),
    })),
  );
  const left = await tools.left.note(
    copies.map(({ delivery, copy }) => ({ attemptId: delivery.attemptId, copy })),
  );
  const settlements = copies.flatMap(({ delivery, copy }) =>
    settlementOf(tools, delivery, copy, left.get(delivery.attemptId)),
  );
  const work = copies.flatMap(({ delivery, copy }) => workOf(tools, delivery, copy));
  await askForReviews(tools, copies);
  if (settlements.length > 0) await tools.settle(settlements);
  for (const partner of inboxesOf(copies)) tools.handedOver(partner);
  return work;
}

const REVIEW_WITHIN = 'P1WD';

/** Consent was overridden with a reason: a person looks at it within one working day, once for all recipients. */
async function askForReviews(
  tools: DispatchTools,
  copies: readonly { delivery: ClaimedDelivery; copy: DerivedCopy }[],
): Promise<void> {
  for (const { delivery, copy } of copies) {
    if (!copy.message || !copy.review || delivery.test) continue;
    const due = dueAt(delivery.claimedAt, REVIEW_WITHIN, tools.rules.alliance.calendars.england);
    await tools.raise({
      key: `review:${delivery.messageId}`,
      severity: 'warning',
      kind: 'consent.override',
      owner: 'clinical-lead',
      text: 'Consent was overridden to send the safety minimum of a message. Review it within one working day.',
      dueAt: due.toISOString(),
      messageId: delivery.messageId,
      caseRef: delivery.caseRef,
      partner: delivery.partner,
    });
  }
}

function inboxesOf(copies: readonly { delivery: ClaimedDelivery; copy: DerivedCopy }[]): Set<string> {
  return new Set(copies.filter(({ copy }) => copy.message).map(({ delivery }) => delivery.partner));
}

/** A copy that cannot be derived is parked by itself, and takes no other of its batch with it. */
async function copyOf(tools: DispatchTools, delivery: ClaimedDelivery): Promise<DerivedCopy> {
  try {
    return await deriveCopy(tools.rules, delivery, delivery.claimedAt);
  } catch (error) {
    if (ledgerTrouble(error)) throw error;
    tools.log.error({ ...ids(delivery), err: safeError(error) }, 'a copy could not be derived');
    return { action: 'park', code: 'defect/unexpected' };
  }
}

/** The wire took nothing: the claims go back at no cost. In any other doubt they are left to their lease. */
async function emit(tools: DispatchTools, work: readonly Work[]): Promise<void> {
  try {
    await tools.wire.sendWork(work);
  } catch (error) {
    if (!(error instanceof WireDown)) throw error;
    await tools.settle(work.map(({ deliveryId, attemptId }) => handBack(deliveryId, attemptId, 1_000)));
  }
}

/** Back to ready as if it had never been claimed. */
export function handBack(deliveryId: string, attemptId: string, inMs: number): Settlement {
  return {
    deliveryId,
    attemptId,
    from: ['claimed'],
    verb: { do: 'ready', inMs, free: true },
    stations: [],
    gate: { effect: 'unprobed' },
  };
}

function workOf(tools: DispatchTools, delivery: ClaimedDelivery, copy: DerivedCopy): Work[] {
  const partner = tools.rules.partners.get(delivery.partner);
  if (!copy.message || !partner || partner.channel === 'inbox') return [];
  return [
    {
      deliveryId: delivery.deliveryId,
      messageId: delivery.messageId,
      partner: delivery.partner,
      band: BANDS[delivery.band] ?? 'normal',
      attemptId: delivery.attemptId,
      attempt: delivery.attempt,
      notAfter: delivery.notAfter,
      timeoutMs: partner.timeoutMs,
      message: copy.message,
    },
  ];
}

/** What is committed at once: a copy that may not leave, and a copy that the partner fetches from our inbox. */
function settlementOf(
  tools: DispatchTools,
  delivery: ClaimedDelivery,
  copy: DerivedCopy,
  left: LeftCopy | undefined,
): Settlement[] {
  const { alliance, partners } = tools.rules;
  const calendar = alliance.calendars.england;
  const now = delivery.claimedAt;
  const until = (duration: string): number => dueAt(now, duration, calendar).getTime() - now.getTime();
  const base = { deliveryId: delivery.deliveryId, attemptId: delivery.attemptId, from: ['claimed'] as const };
  if (!copy.message) {
    const state = pastOf[copy.action];
    station(tools.log, `delivery.${state}`, { ...ids(delivery), code: copy.code });
    count(tools, delivery, state, copy.code);
    const refused = refusedCopy(copy, until, alliance.policy);
    return [
      {
        ...base,
        ...refused,
        // Nothing was tried, so no attempt is counted.
        ...(refused.verb.do !== 'end' && { verb: { ...refused.verb, free: true } }),
        detail: { code: copy.code },
        gate: { effect: 'unprobed' },
        ...(tellsOf(delivery, copy) && { alert: stopped(delivery, copy) }),
      },
    ];
  }
  const partner = partners.get(delivery.partner);
  if (!partner) {
    const fault = copyFault('routing/no-adapter');
    return [
      {
        ...base,
        verb: { do: 'park', forMs: until('P1WD'), free: true },
        fault,
        owner: 'ops',
        stations: ['delivery.parked'],
        gate: { effect: 'unprobed' },
      },
    ];
  }
  if (partner.channel !== 'inbox') return [];
  station(tools.log, 'delivery.handed-over', ids(delivery));
  count(tools, delivery, 'handed-over', 'handed-over');
  return [
    {
      ...base,
      verb: { do: 'hand-over', forMs: until(partner.ackWithin) },
      stations: ['wire.claimed', 'delivery.handed-over'],
      detail: { attempt: delivery.attempt, arrived: 'yes', ...left },
    },
  ];
}

/** A person is told of what cannot go on by itself, and of urgent work that stops for whatever reason. */
function tellsOf(delivery: ClaimedDelivery, copy: Extract<DerivedCopy, { message?: undefined }>): boolean {
  return !delivery.test && (copy.action !== 'withhold' || delivery.band === 0);
}

export function stopped(
  delivery: Pick<ClaimedDelivery, 'deliveryId' | 'partner' | 'band'>,
  copy: Extract<DerivedCopy, { message?: undefined }>,
): NewAlert {
  return {
    key: `${copy.action}:${delivery.deliveryId}:${copy.code}`,
    severity: delivery.band === 0 ? 'urgent' : 'warning',
    kind: `delivery.${pastOf[copy.action]}`,
    owner: ownerOf(copy.code),
    text: `A delivery to ${delivery.partner} is ${pastOf[copy.action]} (${copy.code}).${delivery.band === 0 ? ' Telephone now.' : ''}`,
  };
}

export const pastOf = { withhold: 'withheld', block: 'blocked', park: 'parked' } as const;

/** How a copy that may not be made ends, or waits. Shared with the inbox, which derives copies as they are read. */
export function refusedCopy(
  copy: Extract<DerivedCopy, { message?: undefined }>,
  until: (duration: string) => number,
  policy: { blockedFor: string; parkedFor: Record<'normal', string> },
): Pick<Settlement, 'verb' | 'fault' | 'owner' | 'stations'> {
  const fault = copyFault(copy.code);
  const owner = ownerOf(copy.code);
  switch (copy.action) {
    case 'withhold':
      return { verb: { do: 'end', state: 'withheld' }, fault, stations: ['delivery.withheld'] };
    case 'block':
      return {
        verb: { do: 'block', forMs: until(policy.blockedFor) },
        fault,
        owner,
        stations: ['delivery.blocked'],
      };
    case 'park':
      return {
        verb: { do: 'park', forMs: until(policy.parkedFor.normal) },
        fault,
        owner,
        stations: ['delivery.parked'],
      };
  }
}

function count(tools: DispatchTools, delivery: ClaimedDelivery, state: string, outcome: string): void {
  const band = BANDS[delivery.band] ?? 'normal';
  tools.metrics.deliveries.inc({ partner: delivery.partner, band, state, outcome });
}

function ids(delivery: ClaimedDelivery): Record<string, string | number | null> {
  return {
    messageId: delivery.messageId,
    deliveryId: delivery.deliveryId,
    partner: delivery.partner,
    type: delivery.type,
    attempt: delivery.attempt,
    caseRef: delivery.caseRef,
  };
}
