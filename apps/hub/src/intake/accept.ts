import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { BANDS, FRONT_DOORS, partnerOfSource, pointerSegments, valueAt } from '#contracts';
import type { Alliance, CaseArea, Contract, Contracts, Envelope, Facts, Partner, Policy } from '#contracts';
import { dateIn, dueAt } from '../cases/calendar.js';
import { newCaseRef } from '../cases/case-ref.js';
import { ownerAfter } from '../cases/ownership.js';
import type { AcceptRow, ClockRow } from '../store/accept-row.js';
import type { IntakeContext, Recall } from '../store/read-context.js';
import { alertsOf } from './alerts-of.js';
import { caseAreaOf, placeInCase, type Placement } from './place.js';
import { planDeliveries } from './plan-deliveries.js';
import type { RouteContext, Router, RoutingDecision } from './route.js';
import type { ValidMessage } from './validate.js';

/** Said with every Receipt of a safety message (R8). */
export const TELEPHONE = 'This receipt is no answer by a person. Telephone as well, now.';

/** What accept needs to know of the alliance, prepared once. */
export interface AcceptRules {
  contracts: Contracts;
  alliance: Alliance;
  router: Router;
  partners: ReadonlyMap<string, Alliance['partners'][number]>;
}

/** A message as accept will write it, but for what is sealed. */
export type PlannedMessage = Omit<AcceptRow, 'digest' | 'sealed'>;

/** Which case, which recipients, which clocks: everything that accept decides, from what the ledger knows. */
export function planMessage(
  rules: AcceptRules,
  message: ValidMessage,
  context: IntakeContext,
): PlannedMessage | { mismatch: true } {
  const { envelope, contract } = message;
  const placement = placeInCase(contract, envelope, context);
  if (placement.in === 'mismatch') return { mismatch: true };
  const known = placement.in === 'known' ? placement.case : null;
  const decision = route(rules, message, context, placement);
  const messageId = uuidv7();
  const acceptedAt = context.now.toISOString();
  const due = dueDates(rules.alliance, context.now);
  const caseRef = known?.caseRef ?? (placement.in === 'new' ? newCaseRef(randomBytes) : null);
  const deliveries = planDeliveries(decision, {
    contract,
    laneKey: caseRef ?? laneOf(contract, envelope),
    partners: rules.partners,
    frontDoor: partnerFor(rules.alliance, FRONT_DOORS[decision.facts.area], due.today),
    acceptedAt,
    blockedUntil: due.in(rules.alliance.policy.blockedFor),
    parkedUntil: due.in(rules.alliance.policy.parkedFor[contract.band]),
    message: envelope,
  });
  return {
    messageId,
    source: envelope.source,
    externalId: envelope.id,
    receipt: receiptOf({ messageId, caseRef, acceptedAt, safety: contract.safety, deliveries }),
    type: contract.name,
    band: BANDS.indexOf(contract.band),
    acceptedAt,
    sender: partnerOfSource(envelope.source) ?? 'hub',
    caseRef,
    ...ownerAndOpening(rules, message, context, { placement, area: decision.facts.area }, due),
    // Bound once; a safety message that disagrees with the binding does not move it.
    partnerCaseRef: caseRef === null || context.partnerCase ? null : (envelope.partnercaseref ?? null),
    causationId:
      envelope.causationid !== undefined && isUuid(envelope.causationid) ? envelope.causationid : null,
    basis: envelope.sharingbasis ?? null,
    answer: contract.answers.join(' '),
    test: envelope.testflag === true,
    facts: decision.facts,
    decision,
    findings: message.findings.length > 0 ? message.findings.map(keptFinding) : null,
    restricts: restrictionOf(rules, message, decision.facts.area, due.today),
    recalls: recalledBy(rules.alliance, contract, envelope),
    holders: rules.router.tellsHolders(decision) ? decision.context.holders : null,
    consents: contract.consent.length > 0 ? rules.contracts.consentStatementsOf(contract, envelope) : [],
    clocks: envelope.testflag === true ? [] : clocksOf(rules, message, context.now),
    deliveries,
    alerts: alertsOf(message, {
      messageId,
      placement,
      cause: context.cause,
      deliveries,
      mendDataBy: due.in(rules.alliance.policy.mendDataFor),
    }),
  };
}

/** Anybody may say that a person is restricted; that they are no longer is for the case's front door to say. */
function restrictionOf(
  { contracts, alliance }: AcceptRules,
  { contract, envelope, partner }: ValidMessage,
  area: CaseArea,
  today: string,
): boolean | null {
  const said = contracts.restrictionOf(contract, envelope);
  if (said === false) return rolesOf(alliance, partner, today).includes(FRONT_DOORS[area]) ? false : null;
  return said ?? null;
}

/** The message that this one takes back, by the contract's `x-recalls`; a role is whoever fills or filled it. */
export function recalledBy(
  { roles }: Pick<Alliance, 'roles'>,
  { recalls }: Pick<Contract, 'recalls'>,
  { data }: Envelope,
): Recall | null {
  if (!recalls) return null;
  const at = (pointer: string): unknown => valueAt(data, pointerSegments(pointer));
  const messageId = at(recalls.message);
  if (typeof messageId !== 'string' || !isUuid(messageId)) return null;
  const role = recalls.role === undefined ? undefined : at(recalls.role);
  if (role === undefined) return { messageId, partners: null };
  return {
    messageId,
    partners: roles.filter((filled) => filled.role === role).map(({ partner }) => partner),
  };
}

/** Only who sent a message takes it back, or the front door of its case. */
export function mayRecall(
  { alliance }: AcceptRules,
  { partner }: Pick<ValidMessage, 'partner'>,
  { recalled, now }: IntakeContext,
): boolean {
  if (!recalled) return false;
  return (
    partnerOfSource(recalled.source) === partner ||
    rolesOf(alliance, partner, dateIn(zoneOf(alliance), now)).includes(
      FRONT_DOORS[recalled.case?.area ?? 'medway'],
    )
  );
}

/** As a Refusal keeps it: a pointer may name a key of the sender's, and keys can hold names. */
function keptFinding({ keyword, schemaPath, severity }: ValidMessage['findings'][number]) {
  return { keyword, schemaPath, ...(severity && { severity }) };
}

function route(
  rules: AcceptRules,
  { envelope, contract, partner, facts: found }: ValidMessage,
  context: IntakeContext,
  placement: Placement,
): RoutingDecision {
  const known = placement.in === 'known' ? placement.case : null;
  const caseArea = caseAreaOf(contract, placement, context);
  const facts: Facts = { ...rules.contracts.factsOf(contract, envelope), ...found };
  const routeContext: RouteContext = {
    ...(context.cause && { origin: partnerOfSource(context.cause.source) ?? 'hub' }),
    ...(caseArea && { caseArea }),
    ...(known && { owner: known.owner }),
    holders: known ? known.parties.filter((party) => party !== partner).sort() : [],
    ...(context.recalled && { recipients: context.recalled.recipients }),
    date: dateIn(zoneOf(rules.alliance), context.now),
    ...(envelope.testflag === true && { test: true }),
  };
  return rules.router.route({ contract, facts, sender: partner, context: routeContext });
}

function ownerAndOpening(
  rules: AcceptRules,
  { envelope, contract, partner }: ValidMessage,
  { cause }: IntakeContext,
  { placement, area }: { placement: Placement; area: CaseArea },
  due: DueDates,
): Pick<AcceptRow, 'opens' | 'owner'> {
  const { noActionFor, unlinkedFor } = rules.alliance.policy;
  const change = ownerAfter({
    type: contract.type,
    case: contract.case,
    data: envelope.data,
    area,
    senderRoles: rolesOf(rules.alliance, partner, due.today),
    ...(cause && {
      cause: {
        type: /^mta\.(.+)\.v\d+$/.exec(cause.type)?.[1] ?? cause.type,
        asked: cause.askedRole === null ? [] : [cause.askedRole],
        decided: cause.decided !== null,
      },
    }),
    ...(placement.in === 'known' && { owner: placement.case.owner }),
  });
  if (placement.in === 'new') {
    const owner = change?.owner ?? FRONT_DOORS[area];
    const ownerPartner = partnerFor(rules.alliance, owner, due.today);
    return {
      opens: {
        owner,
        ownerPartner,
        area,
        provisional: placement.provisional,
        dueAt: due.in(placement.provisional ? unlinkedFor : noActionFor),
      },
      owner: null,
    };
  }
  if (placement.in === 'none' || !change) return { opens: null, owner: null };
  const from = change.from !== undefined && change.from > due.today ? startOfDay(change.from) : null;
  return {
    opens: null,
    owner: {
      owner: change.owner,
      ownerPartner: partner,
      // Who takes a case over takes it into its area; one of both leaves it where it is.
      area: areaOfOne(rules.partners.get(partner)),
      dueAt: due.in(noActionFor),
      from,
    },
  };
}

function areaOfOne(partner: Partner | undefined): CaseArea | null {
  const area = partner?.area ?? 'medway';
  return area === 'both' ? null : area;
}

/** Midnight in UTC lies in the same London day all year. */
function startOfDay(day: string): string {
  return `${day}T00:00:00.000Z`;
}

/** The Receipt, made once and kept as text, so that every repeat gets the same bytes. */
function receiptOf(accepted: {
  messageId: string;
  caseRef: string | null;
  acceptedAt: string;
  safety: boolean;
  deliveries: readonly { deliveryId: string; partner: string }[];
}): string {
  return JSON.stringify({
    messageId: accepted.messageId,
    caseRef: accepted.caseRef,
    acceptedAt: accepted.acceptedAt,
    deliveries: accepted.deliveries.map(({ deliveryId, partner }) => ({ id: deliveryId, partner })),
    links: {
      self: `/v1/messages/${accepted.messageId}`,
      ...(accepted.caseRef !== null && { timeline: `/v1/cases/${accepted.caseRef}/timeline` }),
    },
    ...(accepted.safety && { telephone: TELEPHONE }),
  });
}

interface DueDates {
  today: string;
  /** Ledger time after a duration of the policy, RFC 3339. */
  in(duration: string): string;
}

function dueDates(alliance: Alliance, now: Date): DueDates {
  return {
    today: dateIn(zoneOf(alliance), now),
    in: (duration) => dueAt(now, duration, alliance.calendars.england).toISOString(),
  };
}

/** The promises that begin with a message; one that was received elsewhere before counts from then. */
function clocksOf(
  { contracts, alliance }: AcceptRules,
  { contract, envelope }: ValidMessage,
  now: Date,
): ClockRow[] {
  const facts = contracts.factsOf(contract, envelope);
  const begun = contract.clocks.filter(({ when }) =>
    Object.entries(when ?? {}).every(([fact, value]) => facts[fact] === value),
  );
  return begun.map((clock) => {
    const start = earlier(now, clock.from === undefined ? undefined : textAt(envelope.data, clock.from));
    const due = dueAt(
      start,
      clock.duration,
      clock.calendar === 'elapsed' ? undefined : alliance.calendars[clock.calendar],
    );
    return {
      name: clock.name,
      owner: clock.owner,
      stops: clock.stops,
      startedAt: start.toISOString(),
      dueAt: due.toISOString(),
      nextAt: firstLook(alliance.policy, contract.band, start, due).toISOString(),
      policy: alliance.policy.version,
    };
  });
}

/** When `advanceClocks` first looks at a clock: urgent ones by the policy's ladder, others half-way. */
function firstLook({ urgentTellMs }: Policy, band: Contract['band'], start: Date, due: Date): Date {
  const first = band === 'urgent' ? urgentTellMs[0] : undefined;
  const ordinary = (start.getTime() + due.getTime()) / 2;
  return new Date(first === undefined ? ordinary : Math.min(start.getTime() + first, due.getTime()));
}

export function zoneOf(alliance: Alliance): string {
  return alliance.calendars.england?.zone ?? 'Europe/London';
}

function rolesOf(alliance: Alliance, partner: string, date: string): string[] {
  return alliance.roles
    .filter((r) => r.partner === partner && r.from <= date && (r.until === undefined || date <= r.until))
    .map((r) => r.role);
}

/** Who fills a role on a date; the front door's partner where nobody does. */
export function partnerFor(alliance: Alliance, role: string, date: string): string {
  const filled = (wanted: string): string | undefined =>
    alliance.roles.find(
      (r) => r.role === wanted && r.from <= date && (r.until === undefined || date <= r.until),
    )?.partner;
  return filled(role) ?? filled('front-door') ?? 'nkm';
}

function laneOf(contract: Contract, envelope: Envelope): string | null {
  return contract.lane === undefined ? null : (textAt(envelope, contract.lane) ?? null);
}

function textAt(value: unknown, pointer: string): string | undefined {
  const found = valueAt(value, pointerSegments(pointer));
  return typeof found === 'string' ? found : undefined;
}

/** A moment that a sender names counts only where it lies before `now`. */
function earlier(now: Date, named: string | undefined): Date {
  const moment = new Date(named ?? now);
  return moment < now ? moment : now;
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
