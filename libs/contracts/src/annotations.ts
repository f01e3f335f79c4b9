import type { JsonSchema } from './contract.js';

/** Why a recipient may hold a field: `x-purposes`, and the purposes of an agreement. */
export const PURPOSES = ['operations', 'direct-care', 'coordination', 'safety', 'reporting'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** `x-data-class`: what a consent statement can speak of. */
export const DATA_CLASSES = ['care', 'risk', 'operational'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** Every keyword of ours. Any other that begins with `x-` is a mistake and fails at load. */
export const ROOT_ANNOTATIONS = [
  'x-band',
  'x-order',
  'x-case',
  'x-lane',
  'x-answer',
  'x-safety',
  'x-consent-check',
  'x-data-class',
  'x-default-basis',
  'x-consent',
  'x-clocks',
] as const;
export const PROPERTY_ANNOTATIONS = [
  'x-sensitivity',
  'x-purposes',
  'x-fact',
  'x-locates',
  'x-restricts',
  'x-recalls',
  'x-code-list',
] as const;

/** One property of a contract, wherever it stands. */
export interface AnnotatedProperty {
  /** JSON Pointer into `data`; `*` stands for every element of a list. */
  pointer: string;
  schema: JsonSchema;
  /** The property that holds this one; undefined at the top. */
  parent?: AnnotatedProperty;
}

/**
 * Every property of an inlined schema, parents before children. Only `properties` and `items` are walked:
 * conditions (`if`, `then`, `allOf`, `contains`) speak of properties that are declared there.
 */
export function* eachProperty(
  schema: JsonSchema,
  pointer = '',
  parent?: AnnotatedProperty,
): Generator<AnnotatedProperty> {
  for (const [key, value] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) {
    const property = { pointer: `${pointer}/${escapePointer(key)}`, schema: value, parent };
    yield property;
    yield* eachProperty(value, property.pointer, property);
  }
  if (typeof schema['items'] === 'object' && schema['items'] !== null)
    yield* eachProperty(schema['items'] as JsonSchema, `${pointer}/*`, parent);
}

/** One segment of a JSON Pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The segments of a JSON Pointer, unescaped; `''` has none. */
export function pointerSegments(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands at these segments, or undefined; own keys only. */
export function valueAt(value: unknown, segments: readonly string[]): unknown {
  let here = value;
  for (const segment of segments) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, segment)) return undefined;
    here = (here as Record<string, unknown>)[segment];
  }
  return here;
}
