import { createHash } from 'node:crypto';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { FRONT_DOORS } from '#contracts';
import type { Alliance, Area, CaseArea, Contract, Facts, Route } from '#contracts';

/**
 * What routes look at: `type` (without version), `source` (the sender's partner id), `area` (whose case it is about, or
 * whose sender it has), the envelope's and the contract's facts.
 */
export type RouteFacts = Facts & { type: string; source: string; area: CaseArea };

/** As an older ledger may have stored them: before there were areas. */
type StoredFacts = Facts & { type: string; source: string; area?: CaseArea };

/** What the ledger knows of the message's case and cause. Partner ids, but for `owner`, which is a role. */
export interface RouteContext {
  /** The sender of the cause. */
  origin?: string;
  /** The area of the case, where it has one: it is the message's, whoever sends it. */
  caseArea?: CaseArea;
  /** The role that owns the case. */
  owner?: string;
  /** Partners that hold something of the case. */
  holders: readonly string[];
  /** Partners that have, or may have, a copy of the message that is taken back. */
  recipients?: readonly string[];
  /** The day of accept in the alliance's zone, `YYYY-MM-DD`: roles are resolved by it. */
  date: string;
  /** A test message: it reaches only partners marked test, and they get nothing else. */
  test?: boolean;
}

export interface Recipient {
  partner: string;
  /** The role that it fills here, or `$origin`, `$holders` or `$recipients`. */
  role: string;
  /** Ids of every route that names it. */
  reasons: string[];
  /** It is asked for the answer that the contract declares. */
  asks: boolean;
}

/** Where a message goes and why. Stored with the message; `recompute` makes the same again from what stands in it. */
export interface RoutingDecision {
  /** The version of the routes, and a digest of all that decided beside them: roles, and what partners read. */
  ruleSet: string;
  facts: RouteFacts;
  context: RouteContext;
  /** A deny route stands here only where it took somebody away. */
  matched: { route: string; because: string }[];
  recipients: Recipient[];
  /** Roles that nobody fills on this date: a delivery waits, blocked, until somebody does. */
  blocked: { role: string; code: 'routing/no-partner'; asks: boolean }[];
  /** Our gap, or a deny route that left nobody: one delivery to the front door of the area, parked. */
  parked?: { code: 'routing/no-route' | 'routing/denied'; role: string };
}

export interface RouteInput {
  contract: Pick<Contract, 'type'>;
  facts: Facts;
  envelopeFacts?: Facts;
  /** The sender's partner id. */
  sender: string;
  context: RouteContext;
}

/** A route that did not match, and what it wanted; no value of the message stands in it. */
export interface Unmatched {
  route: string;
  why: string[];
}

export interface Router {
  /** As every decision names it. */
  readonly ruleSet: string;
  route(input: RouteInput): RoutingDecision;
  /** The same decision again, by this rule set, from a stored one. */
  recompute(stored: RoutingDecision): RoutingDecision;
  /** Why the other routes did not match. Not stored: the rule set and the facts say it again at any time. */
  explain(stored: Pick<RoutingDecision, 'facts' | 'matched'>): Unmatched[];
  /** Whether it goes to whoever holds something of the case, so that nobody may come to the case unseen. */
  tellsHolders(stored: Pick<RoutingDecision, 'matched'>): boolean;
  /** Whether a deny route keeps a message with these facts from a role that is filled by this partner. */
  denies(facts: StoredFacts, target: { role: string; partner: string }): boolean;
}

/** What a route says for those who hold something of the case. */
const HOLDERS: readonly string[] = ['$holders', '$involved'];

/** Enough for every combination of facts that a day brings; past it the memory is simply begun anew. */
const REMEMBERED = 5_000;

/** Compiles the rule set once. Throws where a condition is not a JSON Schema: the process must not boot with it. */
export function compileRoutes(alliance: Pick<Alliance, 'partners' | 'roles' | 'routes'>): Router {
  const { routes } = alliance.routes;
  const ruleSet = ruleSetOf(alliance);
  const directory = directoryOf(alliance);
  const matching = matcher(routes);
  const whys = new Map<string, ValidateFunction>();
  const toHolders = new Set(
    routes.filter(({ to }) => to.some((name) => HOLDERS.includes(name))).map(({ id }) => id),
  );
  const explaining = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
  });

  // A partner of both areas, of no case that we know, speaks of Medway: this is Medway's alliance.
  const areaOf = (sender: string): CaseArea => (directory.area(sender) === 'kent' ? 'kent' : 'medway');
  const decide = (facts: RouteFacts, context: RouteContext): RoutingDecision => {
    return { ruleSet, facts, context, ...reach(matching(facts), facts, context, directory) };
  };
  return {
    ruleSet,
    route: ({ contract, facts, envelopeFacts, sender, context }) => {
      const area = context.caseArea ?? areaOf(sender);
      return decide({ ...facts, ...envelopeFacts, type: contract.type, source: sender, area }, context);
    },
    denies: (stored, target) => {
      const facts: RouteFacts = { ...stored, area: stored.area ?? areaOf(stored.source) };
      return isDenied(matching(facts), facts, directory)(target) !== undefined;
    },
    tellsHolders: ({ matched }) => matched.some(({ route }) => toHolders.has(route)),
    recompute: ({ facts, context }) => decide(facts, context),
    explain: ({ facts, matched }) => {
      const decided = new Set(matched.map(({ route }) => route));
      return routes.flatMap((route) => {
        if (decided.has(route.id)) return [];
        const validate = whys.get(route.id) ?? explaining.compile(route.when);
        whys.set(route.id, validate);
        const why = validate(facts) ? ['there was nobody whom it takes away'] : reasons(validate.errors);
        return [{ route: route.id, why }];
      });
    },
  };
}

/** Two decisions under one name were made by the same rules, roles and readers. */
function ruleSetOf({ routes, roles, partners }: Pick<Alliance, 'partners' | 'roles' | 'routes'>): string {
  const who = partners.map(({ id, test, area = 'medway', reads }) => ({ id, test, area, reads }));
  const digest = createHash('sha256').update(JSON.stringify([routes.routes, roles, who]));
  return `${routes.version} ${digest.digest('hex').slice(0, 12)}`;
}

/** Which routes match some facts; remembered, for few combinations of facts make up nearly all messages. */
function matcher(routes: readonly Route[]): (facts: RouteFacts) => readonly Route[] {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  const compiled = routes.map((route) => ({ route, holds: ajv.compile(route.when) }));
  const remembered = new Map<string, readonly Route[]>();
  return (facts) => {
    const key = JSON.stringify(facts);
    const known = remembered.get(key);
    if (known) return known;
    const matched = compiled.filter(({ holds }) => holds(facts)).map(({ route }) => route);
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(key, matched);
    return matched;
  };
}

/** Who is who: all that routing may know of partners. */
interface Directory {
  /** The partner that fills a role on a date; for a test message one that is marked test. */
  filling(role: string, date: string, test: boolean): string | undefined;
  has(partner: string): boolean;
  isTest(partner: string): boolean;
  area(partner: string): Area;
  /** Whether it reads any version of a type. */
  reads(partner: string, type: string): boolean;
}

function directoryOf({ partners, roles }: Pick<Alliance, 'partners' | 'roles'>): Directory {
  const known = new Map(partners.map((partner) => [partner.id, partner]));
  const isTest = (partner: string): boolean => known.get(partner)?.test === true;
  return {
    has: (partner) => known.has(partner),
    isTest,
    area: (partner) => known.get(partner)?.area ?? 'medway',
    reads: (partner, type) =>
      known.get(partner)?.reads.some((name) => name.replace(/\.v\d+$/, '') === type) === true,
    filling: (role, date, test) =>
      roles.find(
        (assignment) =>
          assignment.role === role &&
          assignment.from <= date &&
          (assignment.until === undefined || date <= assignment.until) &&
          isTest(assignment.partner) === test,
      )?.partner,
  };
}

/** One target of one route: a role or a placeholder, and who stands behind it, if anybody. */
interface Target {
  role: string;
  partner?: string;
}

function reach(
  matched: readonly Route[],
  facts: RouteFacts,
  context: RouteContext,
  directory: Directory,
): Pick<RoutingDecision, 'matched' | 'recipients' | 'blocked' | 'parked'> {
  const test = context.test === true;
  const denied = isDenied(matched, facts, directory);
  const found: Found = { recipients: new Map(), blocked: new Map(), deniedBy: new Set(), unasked: new Set() };
  const allowed = matched.filter((route) => !route.deny);
  let gap = allowed.length === 0;
  for (const route of allowed) {
    const asks = route.asks === true;
    for (const target of route.to.flatMap((name) => targetsOf(name, facts, context, directory))) {
      const by = target && denied(target);
      if (!target) gap = true;
      else if (by !== undefined) {
        found.deniedBy.add(by);
        if (asks) found.unasked.add(by);
      } else if (target.partner === undefined) block(found.blocked, target.role, asks, test);
      else if (target.partner === facts.source) {
        if (asks) found.unasked.add(route.id);
      } else if (directory.isTest(target.partner) === test) {
        add(found.recipients, target.role, target.partner, route.id, asks);
      }
    }
  }
  const frontDoor = FRONT_DOORS[facts.area];
  const backTo = test ? undefined : directory.filling(frontDoor, context.date, test);
  const mayHave = backTo !== undefined && backTo !== facts.source;
  if (mayHave && denied({ role: frontDoor, partner: backTo }) === undefined)
    giveBack(found, frontDoor, backTo);
  return {
    matched: matched
      .filter((route) => !route.deny || found.deniedBy.has(route.id))
      .map(({ id, because }) => ({ route: id, because })),
    recipients: [...found.recipients.values()],
    blocked: [...found.blocked.values()],
    // A test message opens no work for people, so its gaps stay silent.
    ...(!test && parkedOf(found, gap, frontDoor)),
  };
}

/** Who was found for a message so far, and whom a deny route took away. */
interface Found {
  recipients: Map<string, Recipient>;
  blocked: Map<string, RoutingDecision['blocked'][number]>;
  deniedBy: Set<string>;
  /** Why somebody is not asked who would have been: the deny route, or the route that asks the sender itself. */
  unasked: Set<string>;
}

/** Whoever would have been asked may not have it, or sent it: the front door is asked instead, so that an answer comes. */
function giveBack({ recipients, blocked, unasked }: Found, role: string, partner: string): void {
  if ([...recipients.values(), ...blocked.values()].some(({ asks }) => asks)) return;
  for (const route of unasked) add(recipients, role, partner, route, true);
}

function parkedOf(
  { recipients, blocked, deniedBy, unasked }: Found,
  gap: boolean,
  role: string,
): Pick<RoutingDecision, 'parked'> {
  const asked = [...recipients.values(), ...blocked.values()].some(({ asks }) => asks);
  const nobody = recipients.size === 0 && blocked.size === 0;
  const deniedAsk = [...unasked].some((route) => deniedBy.has(route));
  if (deniedBy.size > 0 && (nobody || (deniedAsk && !asked)))
    return { parked: { code: 'routing/denied', role } };
  return (gap || unasked.size > 0) && nobody ? { parked: { code: 'routing/no-route', role } } : {};
}

/** Which deny route, if any, takes a target away. */
function isDenied(
  matched: readonly Route[],
  facts: RouteFacts,
  directory: Directory,
): (target: Target) => string | undefined {
  const denying = matched.filter((route) => route.deny);
  const named = (name: string): string => (name === '$to' && typeof facts.to === 'string' ? facts.to : name);
  // What is said of the other area's case is still the sender's own, so it goes to neither.
  const areas: readonly Area[] = [facts.area, directory.area(facts.source)];
  const abroad = (partner: string | undefined): boolean =>
    partner !== undefined && areas.some((area) => areApart(area, directory.area(partner)));
  return ({ role, partner }) =>
    denying.find(({ to }) =>
      to.some((name) => (name === '$other-area' ? abroad(partner) : named(name) === role)),
    )?.id;
}

function areApart(one: Area, other: Area): boolean {
  return one !== other && one !== 'both' && other !== 'both';
}

/** Undefined where a placeholder stands for nobody: an answer to an unknown cause, a case without owner. */
function targetsOf(
  name: string,
  facts: RouteFacts,
  { origin, owner, holders, recipients = [], date, test = false }: RouteContext,
  directory: Directory,
): (Target | undefined)[] {
  const fill = (role: string): Target => ({ role, partner: directory.filling(role, date, test) });
  switch (name) {
    case '$origin':
      return [origin !== undefined && directory.has(origin) ? { role: name, partner: origin } : undefined];
    case '$holders':
      return all(holders, name, directory);
    case '$involved':
      return holders
        .filter((partner) => directory.reads(partner, facts.type))
        .map((partner) => ({ role: name, partner }));
    case '$recipients':
      return all(recipients, name, directory);
    case '$front-door':
      return [fill(FRONT_DOORS[facts.area])];
    case '$owner':
      return [owner === undefined ? undefined : fill(owner)];
    case '$to':
      return [typeof facts.to === 'string' ? fill(facts.to) : undefined];
    default:
      return [fill(name)];
  }
}

/** Whoever is no partner any more must be told by a person. */
function all(partners: readonly string[], role: string, directory: Directory): Target[] {
  return partners.map((partner) => ({ role, ...(directory.has(partner) && { partner }) }));
}

function add(to: Map<string, Recipient>, role: string, partner: string, route: string, asks: boolean): void {
  const known = to.get(partner);
  if (!known) to.set(partner, { partner, role, reasons: [route], asks });
  else {
    if (!known.reasons.includes(route)) known.reasons.push(route);
    // The role that is asked is the one that the delivery is for.
    if (asks && !known.asks) Object.assign(known, { role, asks });
  }
}

function block(
  to: Map<string, RoutingDecision['blocked'][number]>,
  role: string,
  asks: boolean,
  test: boolean,
): void {
  if (test) return;
  to.set(role, { role, code: 'routing/no-partner', asks: asks || to.get(role)?.asks === true });
}

/** What `not` found inside itself says nothing: it holds where that fails. */
function reasons(errors: readonly ErrorObject[] | null | undefined): string[] {
  return [...new Set((errors ?? []).map(whyNot))];
}

/** One reason in words: the fact, and what the rule wants of it. Only the rule's own words, never the message's. */
function whyNot(error: ErrorObject): string {
  const fact = error.instancePath.slice(1) || 'the facts';
  const params = error.params as {
    allowedValue?: unknown;
    allowedValues?: unknown[];
    missingProperty?: string;
  };
  if (error.keyword === 'const') return `${fact} must be ${JSON.stringify(params.allowedValue)}`;
  if (error.keyword === 'enum') return `${fact} must be one of ${JSON.stringify(params.allowedValues)}`;
  if (error.keyword === 'required') return `${fact} must have ${params.missingProperty}`;
  if (error.keyword === 'not') return `${fact} must not be what the route excludes`;
  return `${fact} ${error.message ?? error.keyword}`;
}
