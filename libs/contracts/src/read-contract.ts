import {
  DATA_CLASSES,
  eachProperty,
  PROPERTY_ANNOTATIONS,
  PURPOSES,
  ROOT_ANNOTATIONS,
  type AnnotatedProperty,
} from './annotations.js';
import type { ClockRule, ConsentRule, Contract, JsonSchema } from './contract.js';
import { BANDS, SENSITIVITIES, SHARING_BASES, type Sensitivity } from './envelope.js';

/** The allowed values of the root annotations that are words. `undefined` among them: the annotation may be absent. */
const ROOT_WORDS: Record<string, readonly unknown[]> = {
  'x-band': BANDS,
  'x-order': ['case', 'none'],
  'x-case': ['opens', 'joins', 'may-join', 'none'],
  'x-safety': [true, false, undefined],
  'x-consent-check': [true, false, undefined],
  'x-data-class': DATA_CLASSES,
  'x-default-basis': [...SHARING_BASES, undefined],
};
const CONSENT_MEMBERS = ['status', 'party', 'dataClass', 'purpose'] as const;
const CLOCK_MEMBERS = ['name', 'duration', 'calendar', 'owner'] as const;

/**
 * Makes a contract of an inlined schema. Whatever is wrong with its annotations is added to `problems`, each with the
 * place; the contract returned is of use only when nothing was added.
 */
export function readContract(type: string, major: number, schema: JsonSchema, problems: string[]): Contract {
  const place = `schemas/${type}/v${major}.json`;
  const properties = [...eachProperty(schema)];
  checkRoot(schema, (problem) => problems.push(`${place}: ${problem}`));
  checkProperties(schema, properties, (problem) => problems.push(`${place}: ${problem}`));
  const facts = properties.filter((each) => each.schema['x-fact'] !== undefined);
  const pointersOf = (annotation: string, value: unknown): string[] =>
    properties.filter((each) => each.schema[annotation] === value).map((each) => each.pointer);
  const [recalled] = pointersOf('x-recalls', 'message');
  const [role] = pointersOf('x-recalls', 'role');
  const coded = properties.filter((each) => each.schema['x-code-list'] !== undefined);
  return {
    type,
    major,
    name: `mta.${type}.v${major}`,
    title: String(schema['title']),
    description: String(schema['description']),
    schema,
    band: schema['x-band'] as Contract['band'],
    order: schema['x-order'] as Contract['order'],
    case: schema['x-case'] as Contract['case'],
    lane: schema['x-lane'] as string | undefined,
    answers: [schema['x-answer'] ?? []].flat() as string[],
    safety: schema['x-safety'] === true,
    consentCheck: schema['x-consent-check'] !== false,
    dataClass: schema['x-data-class'] as string,
    defaultBasis: schema['x-default-basis'] as Contract['defaultBasis'],
    facts: Object.fromEntries(facts.map((each) => [each.schema['x-fact'] as string, each.pointer])),
    codeLists: Object.fromEntries(coded.map((each) => [each.pointer, each.schema['x-code-list'] as string])),
    consent: (schema['x-consent'] ?? []) as ConsentRule[],
    restricts: pointersOf('x-restricts', true),
    ...(recalled !== undefined && { recalls: { message: recalled, ...(role !== undefined && { role }) } }),
    clocks: (schema['x-clocks'] ?? []) as ClockRule[],
    sensitivity: highest(properties.map((each) => each.schema['x-sensitivity'] as Sensitivity)),
  };
}

/** The highest of these; `S0` of none. */
export function highest(sensitivities: readonly Sensitivity[]): Sensitivity {
  return sensitivities.reduce((most, each) => (rank(each) > rank(most) ? each : most), 'S0');
}

/** Every property of the schema that lacks an annotation, has one we do not know, or stands in an open object. */
export function checkProperties(
  schema: JsonSchema,
  properties: readonly AnnotatedProperty[],
  report: (problem: string) => void,
): void {
  if (schema['additionalProperties'] !== false) report('the root must have additionalProperties: false');
  const names = new Map<string, string>();
  for (const property of properties) {
    const say = (problem: string): void => report(`${property.pointer} ${problem}`);
    checkOwn(property, say);
    checkContainer(property, say);
    checkSharing(property, say);
    const fact = property.schema['x-fact'] as string | undefined;
    if (fact === undefined) continue;
    if (names.has(fact)) say(`has the x-fact "${fact}" that ${names.get(fact)} has too`);
    names.set(fact, property.pointer);
  }
}

function checkOwn({ schema, pointer }: AnnotatedProperty, say: (problem: string) => void): void {
  const sensitivity = schema['x-sensitivity'];
  const purposes = schema['x-purposes'];
  if (!SENSITIVITIES.includes(sensitivity as Sensitivity))
    say(`needs x-sensitivity, one of ${SENSITIVITIES.join()}`);
  if (!Array.isArray(purposes) || purposes.length === 0) say('needs x-purposes, a list of at least one');
  else
    for (const purpose of purposes)
      if (!PURPOSES.includes(purpose))
        say(`has the unknown purpose "${String(purpose)}"; known: ${PURPOSES.join()}`);
  for (const key of Object.keys(schema))
    if (key.startsWith('x-') && !(PROPERTY_ANNOTATIONS as readonly string[]).includes(key))
      say(`has the unknown annotation ${key}`);
  const items = schema['items'] as JsonSchema | undefined;
  for (const part of [schema, items])
    if (part?.['type'] === 'object' && part['additionalProperties'] !== false)
      say('must have additionalProperties: false');
  if (schema['x-fact'] === undefined) return;
  if (rank(sensitivity as Sensitivity) > rank('S1')) say('is a fact, so its x-sensitivity may be at most S1');
  if (pointer.includes('/*')) say('is a fact inside a list; a fact is one value');
}

/** A container that is left out takes its parts with it, so it may be no stricter than any of them. */
function checkContainer({ schema, parent }: AnnotatedProperty, say: (problem: string) => void): void {
  if (!parent) return;
  if (rank(schema['x-sensitivity'] as Sensitivity) < rank(parent.schema['x-sensitivity'] as Sensitivity))
    say(`is less sensitive than ${parent.pointer}, which holds it`);
  const held = (parent.schema['x-purposes'] ?? []) as unknown[];
  for (const purpose of (schema['x-purposes'] ?? []) as unknown[])
    if (!held.includes(purpose)) say(`has the purpose ${String(purpose)}, which ${parent.pointer} lacks`);
}

/** Names under which addresses and telephone numbers go. Only the build looks at names; what leaves goes by the annotation. */
const MAY_LOCATE = /(address|postcode|phone|mobile|contactRoutes?|school)$/i;

function checkSharing(property: AnnotatedProperty, say: (problem: string) => void): void {
  const { schema, pointer } = property;
  const among = (annotation: string, values: readonly unknown[]): void => {
    if (schema[annotation] === undefined) return;
    if (!values.includes(schema[annotation]))
      say(`has an ${annotation} that is none of ${values.join(', ')}`);
    if (pointer.includes('/*')) say(`has ${annotation} inside a list; it is said once`);
  };
  among('x-restricts', [true]);
  among('x-recalls', ['message', 'role']);
  if (schema['x-restricts'] === true && schema['type'] !== 'boolean')
    say('has x-restricts, so it must be a boolean');
  if (schema['x-locates'] !== undefined && typeof schema['x-locates'] !== 'boolean')
    say('has an x-locates that is not true or false');
  if (MAY_LOCATE.test(pointer.replace(/(\/\*)+$/, '')) && !saysWhetherItLocates(property))
    say('needs x-locates: true where it tells where the person is or how to reach them, else false');
}

function saysWhetherItLocates(property: AnnotatedProperty | undefined): boolean {
  if (!property) return false;
  return typeof property.schema['x-locates'] === 'boolean' || saysWhetherItLocates(property.parent);
}

function checkRoot(schema: JsonSchema, report: (problem: string) => void): void {
  for (const word of ['title', 'description'])
    if (typeof schema[word] !== 'string') report(`needs ${word}, a text`);
  checkAnswer(schema['x-answer'], report);
  for (const [annotation, allowed] of Object.entries(ROOT_WORDS))
    if (!allowed.includes(schema[annotation]))
      report(
        `${annotation} must be one of ${allowed
          .filter((each) => each !== undefined)
          .map(String)
          .join()}`,
      );
  for (const key of Object.keys(schema))
    if (key.startsWith('x-') && !(ROOT_ANNOTATIONS as readonly string[]).includes(key))
      report(`has the unknown annotation ${key}`);
  const lane = schema['x-lane'];
  if (lane !== undefined && !(typeof lane === 'string' && lane.startsWith('/')))
    report('x-lane must be a JSON Pointer into the envelope');
  checkRules(schema, report);
}

function checkAnswer(answer: unknown, report: (problem: string) => void): void {
  const types = [answer].flat();
  if (types.length === 0 || types.some((type) => typeof type !== 'string'))
    report('needs x-answer, a text or a list of texts');
  if (types.length > 1 && (types.includes('receipt') || types.includes('none')))
    report('x-answer: receipt and none stand alone');
}

function checkRules(schema: JsonSchema, report: (problem: string) => void): void {
  const properties = [...eachProperty(schema)];
  const pointers = new Set(properties.map((property) => property.pointer));
  const facts = new Set(properties.map((property) => property.schema['x-fact']));
  for (const rule of (schema['x-consent'] ?? []) as Record<string, unknown>[])
    for (const member of CONSENT_MEMBERS) {
      const value = rule[member];
      if (typeof value !== 'string' || !(value.startsWith('=') || pointers.has(value)))
        report(`x-consent: ${member} must be "=literal" or the pointer of a property`);
    }
  for (const clock of (schema['x-clocks'] ?? []) as Record<string, unknown>[]) {
    for (const member of CLOCK_MEMBERS)
      if (typeof clock[member] !== 'string') report(`x-clocks: ${member} must be a text`);
    if (!Array.isArray(clock['stops']) || clock['stops'].length === 0)
      report('x-clocks: stops must name a contract type');
    const from = clock['from'];
    if (from !== undefined && !(typeof from === 'string' && pointers.has(from)))
      report('x-clocks: from must be the pointer of a property');
    for (const fact of Object.keys(clock['when'] ?? {}))
      if (!facts.has(fact))
        report(`x-clocks: when names the fact "${fact}", which this contract does not have`);
    if (!/^P([1-9][0-9]*(WD|D)|T[1-9][0-9]*[HMS])$/.test(String(clock['duration'])))
      report(`x-clocks: the duration ${String(clock['duration'])} is none such as PT4H, P28D or P2WD`);
  }
}

function rank(sensitivity: Sensitivity): number {
  return SENSITIVITIES.indexOf(sensitivity);
}
