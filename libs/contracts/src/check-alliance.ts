import { Ajv2020 } from 'ajv/dist/2020.js';
import { FRONT_DOORS, type Agreement, type Alliance, type RoleAssignment, type Route } from './alliance.js';
import { checkConformance } from './check-conformance.js';
import { dayBefore, isEnabled } from './succession.js';

/** Roles that the hub itself gives work to: each must be known. */
const NEEDED_ROLES: readonly string[] = [FRONT_DOORS.medway, 'clinical-lead', 'ops', 'credentials'];

/** What one file says that another does not bear out; each problem with its file and JSON Pointer. */
export function checkAlliance(
  alliance: Alliance,
  env: Record<string, string | undefined>,
  contracts?: ReadonlySet<string>,
): string[] {
  return [
    ...checkPartners(alliance, contracts),
    ...checkSettings(alliance, env),
    ...checkRoles(alliance),
    ...checkRoutes(alliance),
    ...checkAgreements(alliance),
    ...checkDirectory(alliance),
    ...checkConformance(alliance),
    ...checkCodeLists(alliance),
  ];
}

function checkPartners({ partners, roles, calendars }: Alliance, contracts?: ReadonlySet<string>): string[] {
  const known = new Set(roles.map((assignment) => assignment.role));
  const speaks = (name: string): boolean => !contracts || contracts.has(name) || contracts.has(`mta.${name}`);
  return [
    ...repeated(partners, (partner) => partner.id).map(
      (index) => `partners.json /partners/${index}/id stands there twice`,
    ),
    ...partners.flatMap((partner, index) => [
      ...(known.has(partner.owner)
        ? []
        : [`partners.json /partners/${index}/owner is no role of roles.json`]),
      ...(['sends', 'reads'] as const).flatMap((list) =>
        partner[list].flatMap((name, place) =>
          speaks(name)
            ? []
            : [`partners.json /partners/${index}/${list}/${place} "${name}" is no contract of schemas/`],
        ),
      ),
    ]),
    ...(Object.keys(calendars).length > 0
      ? []
      : ['calendars/ has no calendar; clocks need one, such as england.json']),
    ...Object.entries(calendars).flatMap(([name, { zone }]) =>
      isZone(zone) ? [] : [`calendars/${name}.json /zone must be an IANA time zone, such as Europe/London`],
    ),
  ];
}

/** Every `PARTNER_<ID>_URL`: a misspelt one would leave a partner's mail at another address. */
function checkSettings({ partners }: Alliance, env: Record<string, string | undefined>): string[] {
  return Object.entries(env).flatMap(([setting, value]) => {
    const [, name, pickup] = /^PARTNER_([A-Z0-9_]+?)(_PICKUP)?_URL$/.exec(setting) ?? [];
    if (name === undefined || value === undefined || value === '') return [];
    const id = name.toLowerCase().replaceAll('_', '-');
    const partner = partners.find((candidate) => candidate.id === id);
    if (!partner) return [`${setting}: partners.json has no partner "${id}"`];
    if (pickup !== undefined)
      return partner.pickup ? [] : [`${setting}: partners.json gives ${id} no pickup`];
    if (partner.channel === 'inbox') return [`${setting}: ${id} fetches from its inbox and has no address`];
    const url = URL.parse(value);
    const [scheme, wanted] =
      partner.channel === 'sftp' ? [/^sftp:$/, 'an sftp'] : [/^https?:$/, 'an http or https'];
    return url && scheme.test(url.protocol) ? [] : [`${setting} must be ${wanted} address`];
  });
}

function checkRoles({ partners, roles }: Alliance): string[] {
  const test = new Map(partners.map((partner) => [partner.id, partner.test]));
  const known = new Set(roles.map((assignment) => assignment.role));
  const kent = partners.some(({ area }) => area === 'kent') ? [FRONT_DOORS.kent] : [];
  return [
    ...[...NEEDED_ROLES, ...kent]
      .filter((role) => !known.has(role))
      .map((role) => `roles.json /roles lacks the role "${role}"`),
    ...roles.flatMap((assignment, index) => {
      const at = `roles.json /roles/${index}`;
      if (!test.has(assignment.partner))
        return [`${at}/partner "${assignment.partner}" is not in partners.json`];
      if (!inOrder(assignment)) return [`${at}/until must not be before from`];
      if (assignment.takesOver && !roles.some((one) => precedes(one, assignment)))
        return [`${at} takes over a role that nobody fills until then`];
      if (!isEnabled(assignment)) return [];
      const other = roles.findIndex(
        (earlier, place) =>
          place < index &&
          isEnabled(earlier) &&
          earlier.role === assignment.role &&
          test.get(earlier.partner) === test.get(assignment.partner) &&
          overlap(earlier, assignment),
      );
      return other < 0 ? [] : [`${at} overlaps /roles/${other}: a role has one partner at a time`];
    }),
  ];
}

function checkRoutes({ routes: { routes }, roles, partners }: Alliance): string[] {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    code: { optimize: false },
  });
  const known = new Set(roles.map((assignment) => assignment.role));
  return [
    ...repeated(routes, (route) => route.id).map(
      (index) => `routes.json /routes/${index}/id stands there twice`,
    ),
    ...routes.flatMap((route, index) => {
      const at = `routes.json /routes/${index}`;
      const strangers = route.to.filter((name) => !name.startsWith('$') && !known.has(name));
      return [
        ...strangers.map((name) => `${at}/to "${name}" is no role of roles.json`),
        ...(route.to.includes('$other-area') && !route.deny
          ? [`${at}/to "$other-area" has a meaning in a deny route alone`]
          : []),
        ...whenProblem(ajv, route).map((problem) => `${at}/when ${problem}`),
        ...cannotRead(route, roles, partners).map(
          (partner) => `${at} brings ${typeOf(route)} to ${partner}, which reads no version of it`,
        ),
      ];
    }),
  ];
}

function whenProblem(ajv: Ajv2020, route: Route): string[] {
  try {
    ajv.compile(route.when);
    return [];
  } catch (error) {
    return [`is no JSON Schema: ${(error as Error).message}`];
  }
}

/** The one type that a route speaks of, where it names just one. */
function typeOf(route: Route): string | undefined {
  const when = route.when as { properties?: { type?: { const?: unknown } } };
  const type = when.properties?.type?.const;
  return typeof type === 'string' ? type : undefined;
}

function cannotRead(route: Route, roles: RoleAssignment[], partners: Alliance['partners']): string[] {
  const type = typeOf(route);
  if (type === undefined || route.deny) return [];
  const deaf = (id: string): boolean =>
    partners.some(
      (partner) => partner.id === id && !partner.reads.some((name) => name.replace(/\.v\d+$/, '') === type),
    );
  const named = route.to.includes('$front-door') ? [...route.to, ...frontDoorsFor(type, partners)] : route.to;
  const filling = roles.filter(({ role }) => named.includes(role)).map(({ partner }) => partner);
  // Any partner may come to hold something of a case, and must then hear what every holder hears.
  if (route.to.includes('$holders')) filling.push(...partners.map(({ id }) => id));
  return [...new Set(filling)].filter(deaf);
}

/** Medway's, and Kent's where somebody of both areas may say this of a case of Kent. */
function frontDoorsFor(type: string, partners: Alliance['partners']): string[] {
  const ofBoth = partners.some(
    ({ area, sends }) => area === 'both' && sends.some((name) => name.replace(/\.v\d+$/, '') === type),
  );
  return ofBoth ? Object.values(FRONT_DOORS) : [FRONT_DOORS.medway];
}

/** Whoever is only listed gets nothing by a route: a person picks it, after somebody has looked whether it still is. */
function checkDirectory({ directory, partners, roles }: Alliance): string[] {
  const taken = new Set([...partners.map(({ id }) => id), ...roles.map(({ role }) => role)]);
  return [
    ...repeated(directory, ({ id }) => id).map(
      (index) => `directory.json /entries/${index}/id stands there twice`,
    ),
    ...directory.flatMap(({ id }, index) =>
      taken.has(id)
        ? [`directory.json /entries/${index}/id "${id}" is a partner or a role, so routes could name it`]
        : [],
    ),
  ];
}

function checkAgreements({ agreements, partners }: Alliance): string[] {
  const known = new Set(partners.map((partner) => partner.id));
  return [
    ...repeated(agreements, (agreement) => agreement.id).map(
      (index) => `agreements.json /agreements/${index}/id stands there twice`,
    ),
    ...agreements.flatMap((agreement, index) => {
      const at = `agreements.json /agreements/${index}`;
      if (!known.has(agreement.partner))
        return [`${at}/partner "${agreement.partner}" is not in partners.json`];
      if (!inOrder(agreement)) return [`${at}/until must not be before from`];
      const other = agreements.findIndex(
        (earlier, place) =>
          place < index &&
          earlier.partner === agreement.partner &&
          overlap(inForce(earlier), inForce(agreement)),
      );
      return other < 0 ? [] : [`${at} overlaps /agreements/${other}: one agreement is in force at a time`];
    }),
  ];
}

/** A code that stands twice would leave it to chance which of its meanings holds. */
function checkCodeLists({ codeLists }: Alliance): string[] {
  return Object.entries(codeLists).flatMap(([name, { codes }]) =>
    repeated(codes, ({ code }) => code).map(
      (index) => `code-lists/${name}.json /codes/${index}/code stands there twice`,
    ),
  );
}

interface Period {
  from: string;
  until?: string;
}

/** An agreement that was ended was in force until the day before. */
function inForce({ from, until, ended }: Agreement): Period {
  if (ended === undefined || (until !== undefined && until < ended)) return { from, until };
  return { from, until: dayBefore(ended) };
}

/** Whether one fills a role until the day before another does, or beyond. */
function precedes(earlier: RoleAssignment, later: RoleAssignment): boolean {
  return (
    earlier !== later &&
    isEnabled(earlier) &&
    earlier.role === later.role &&
    earlier.from < later.from &&
    (earlier.until === undefined || dayBefore(later.from) <= earlier.until)
  );
}

function inOrder({ from, until }: Period): boolean {
  return until === undefined || from <= until;
}

/** Both ends are included; dates of ISO form compare as text. */
function overlap(a: Period, b: Period): boolean {
  if (!inOrder(a) || !inOrder(b)) return false;
  return (a.until === undefined || b.from <= a.until) && (b.until === undefined || a.from <= b.until);
}

/** Places of elements whose key stood before. */
function repeated<T>(list: readonly T[], key: (element: T) => string): number[] {
  const seen = new Set<string>();
  return list.flatMap((element, index) => {
    const name = key(element);
    if (seen.has(name)) return [index];
    seen.add(name);
    return [];
  });
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
