import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Alliance, Contract, Facts, Route } from '#contracts';

/** What routes look at: `type` (without version), `source` (the sender's partner id), the envelope's and the contract's facts. */
export type RouteFacts = Facts & { type: string; source: string };

/** What the ledger knows of the message's case and cause. Partner ids, but for `owner`, which is a role. */
export interface RouteContext {
  /** The sender of the cause. */
  origin?: string;
  /** The role that owns the case. */
  owner?: string;
  /** Partners that hold something of the case. */
  holders: readonly string[];
  /** The day of accept in the alliance's zone, `YYYY-MM-DD`: roles are resolved by it. */
  date: string;
  /** A test message: it reaches only partners marked test, and they get nothing else. */
  test?: boolean;
}

export interface Recipient {
  partner: string;
  /** The role that it fills here, or `$origin` or `$holders`. */
  role: string;
  /** Ids of every route that names it. */
  reasons: string[];
  /** It is asked for the answer that the contract declares. */
  asks: boolean;
}

/** Where a message goes and why. Stored with the message; `recompute` makes the same again from what stands in it. */
export interface RoutingDecision {
  ruleSet: string;
  facts: RouteFacts;
  context: RouteContext;
  matched: { route: string; because: string }[];
  recipients: Recipient[];
  /** Roles that nobody fills on this date: a delivery waits, blocked, until somebody does. */
  blocked: { role: string; code: 'routing/no-partner'; asks: boolean }[];
  /** Our gap: one delivery to the front door, parked. */
  parked?: { code: 'routing/no-route'; role: 'front-door' };
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
  route(input: RouteInput): RoutingDecision;
  /** The same decision again, by this rule set, from a stored one. */
  recompute(stored: RoutingDecision): RoutingDecision;
  /** Why the other routes did not match. Not stored: the rule set and the facts say it again at any time. */
  explain(stored: Pick<RoutingDecision, 'facts'>): Unmatched[];
}

/** Enough for every combination of facts that a day brings; past it the memory is simply begun anew. */
const REMEMBERED = 5_000;

/** Compiles the rule set once. Throws where a condition is not a JSON Schema: the process must not boot with it. */
export function compileRoutes(alliance: Pick<Alliance, 'partners' | 'roles' | 'routes'>): Router {
  const { version, routes } = alliance.routes;
  const directory = directoryOf(alliance);
  const matching = matcher(routes);
  const whys = new Map<string, ValidateFunction>();
  const explaining = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
  });

  const decide = (facts: RouteFacts, context: RouteContext): RoutingDecision => {
    const matched = matching(facts);
    const reached = reach(matched, facts, context, directory);
    return {
      ruleSet: version,
      facts,
      context,
      matched: matched.map(({ id, because }) => ({ route: id, because })),
      ...reached,
    };
  };
  return {
    route: ({ contract, facts, envelopeFacts, sender, context }) =>
      decide({ ...facts, ...envelopeFacts, type: contract.type, source: sender }, context),
    recompute: ({ facts, context }) => decide(facts, context),
    explain: ({ facts }) =>
      routes.flatMap((route) => {
        const validate = whys.get(route.id) ?? explaining.compile(route.when);
        whys.set(route.id, validate);
        return validate(facts) ? [] : [{ route: route.id, why: (validate.errors ?? []).map(whyNot) }];
      }),
  };
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
}

function directoryOf({ partners, roles }: Pick<Alliance, 'partners' | 'roles'>): Directory {
  const known = new Map(partners.map((partner) => [partner.id, partner]));
  const isTest = (partner: string): boolean => known.get(partner)?.test === true;
  return {
    has: (partner) => known.has(partner),
    isTest,
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
): Pick<RoutingDecision, 'recipients' | 'blocked' | 'parked'> {
  const test = context.test === true;
  const targets = (route: Route): (Target | undefined)[] =>
    route.to.flatMap((name) => targetsOf(name, facts, context, directory));
  const allowed = matched.filter((route) => !route.deny);
  const denied = new Set(
    matched.filter((route) => route.deny).flatMap((route) => targets(route).map((target) => target?.role)),
  );
  const recipients = new Map<string, Recipient>();
  const blocked = new Map<string, RoutingDecision['blocked'][number]>();
  let gap = allowed.length === 0;
  for (const route of allowed) {
    const asks = route.asks === true;
    for (const target of targets(route)) {
      if (!target) gap = true;
      else if (denied.has(target.role)) continue;
      else if (target.partner === undefined) block(blocked, target.role, asks, test);
      else if (target.partner !== facts.source && directory.isTest(target.partner) === test) {
        add(recipients, target.role, target.partner, route.id, asks);
      }
    }
  }
  const nobody = recipients.size === 0 && blocked.size === 0;
  return {
    recipients: [...recipients.values()],
    blocked: [...blocked.values()],
    // A test message opens no work for people, so its gaps stay silent.
    ...(gap && nobody && !test && { parked: { code: 'routing/no-route', role: 'front-door' } }),
  };
}

/** Undefined where a placeholder stands for nobody: an answer to an unknown cause, a case without owner. */
function targetsOf(
  name: string,
  facts: RouteFacts,
  { origin, owner, holders, date, test = false }: RouteContext,
  directory: Directory,
): (Target | undefined)[] {
  const fill = (role: string): Target => ({ role, partner: directory.filling(role, date, test) });
  switch (name) {
    case '$origin':
      return [origin !== undefined && directory.has(origin) ? { role: name, partner: origin } : undefined];
    case '$holders':
      // Whoever holds something and is no partner any more must be told by a person.
      return holders.map((partner) => ({ role: name, ...(directory.has(partner) && { partner }) }));
    case '$owner':
      return [owner === undefined ? undefined : fill(owner)];
    case '$to':
      return [typeof facts.to === 'string' ? fill(facts.to) : undefined];
    default:
      return [fill(name)];
  }
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
  return `${fact} ${error.message ?? error.keyword}`;
}
