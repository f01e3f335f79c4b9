import type { Contract, JsonSchema } from '#contracts';
import type { Permit } from './consent.js';
import { whyNot } from './minimise.js';

/** Conditions over several members: where one of them may not leave, nothing can be asked of the others. */
const CONDITIONS = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'dependentSchemas',
  'dependentRequired',
  'propertyNames',
];

/**
 * The contract as one recipient knows it: what may not leave is unknown in it, so that a copy with such a field is not
 * valid, and nothing is required that may be missing from a copy. Every copy that `minimise` makes of a valid message
 * under the same permit satisfies it. Pure.
 */
export function deriveSchema(contract: Pick<Contract, 'schema'>, permit: Permit): JsonSchema {
  return derived(contract.schema, permit).schema;
}

interface Derived {
  schema: JsonSchema;
  /** Nothing was taken out of it, so it is asked whatever the contract asks. */
  whole: boolean;
  /** A valid value of it never loses all that it holds. */
  stays: boolean;
}

function derived(schema: JsonSchema, permit: Permit): Derived {
  if (isSchema(schema['properties'])) return derivedObject(schema, permit);
  if (isSchema(schema['items'])) return derivedList(schema, permit);
  return { schema, whole: true, stays: true };
}

function derivedObject(schema: JsonSchema, permit: Permit): Derived {
  const members = Object.entries(schema['properties'] as Record<string, JsonSchema>);
  const kept = members
    .filter(([, member]) => !whyNot(member, permit))
    .map(([key, member]) => [key, derived(member, permit)] as const);
  const whole = kept.length === members.length && kept.every(([, member]) => member.whole);
  if (whole) return { schema, whole, stays: true };
  const staying = new Set(kept.filter(([, member]) => member.stays).map(([key]) => key));
  const required = ((schema['required'] ?? []) as string[]).filter((key) => staying.has(key));
  const { required: _required, minProperties: _min, ...rest } = withoutConditions(schema);
  const properties = Object.fromEntries(kept.map(([key, member]) => [key, member.schema]));
  return {
    schema: { ...rest, properties, ...(required.length > 0 && { required }) },
    whole,
    stays: required.length > 0,
  };
}

function derivedList(schema: JsonSchema, permit: Permit): Derived {
  const items = derived(schema['items'] as JsonSchema, permit);
  if (items.whole) return { schema, whole: true, stays: true };
  // Two elements may be alike when what told them apart is gone.
  const { uniqueItems: _unique, ...rest } = withoutConditions(schema);
  if (items.stays) return { schema: { ...rest, items: items.schema }, whole: false, stays: true };
  const { minItems: _min, ...open } = rest;
  return { schema: { ...open, items: items.schema }, whole: false, stays: false };
}

/** `if` and `contains` look at members that may be gone. */
function withoutConditions(schema: JsonSchema): JsonSchema {
  const gone = [...CONDITIONS, 'if', 'then', 'else', 'contains', 'minContains', 'maxContains'];
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !gone.includes(keyword)));
}

function isSchema(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
