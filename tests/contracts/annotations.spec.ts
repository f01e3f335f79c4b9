import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import {
  eachProperty,
  loadContracts,
  projectRoot,
  SENSITIVITIES,
  type AnnotatedProperty,
  type JsonSchema,
} from '#contracts';

const envelope = JSON.parse(
  readFileSync(join(projectRoot(), 'schemas/envelope/v1.json'), 'utf8'),
) as JsonSchema;
const schemas: [string, JsonSchema][] = [
  ['envelope', envelope],
  ...loadContracts().all.map((contract): [string, JsonSchema] => [contract.name, contract.schema]),
];
const every: [string, AnnotatedProperty][] = schemas.flatMap(([name, schema]) =>
  [...eachProperty(schema)].map((property): [string, AnnotatedProperty] => [
    name + property.pointer,
    property,
  ]),
);

/** The schema itself and, for a list, that of its elements. */
const parts = ({ schema }: AnnotatedProperty): JsonSchema[] =>
  [schema, schema['items'] as JsonSchema | undefined].filter((part) => part !== undefined);

/** Names of the properties of which something does not hold. */
const without = (holds: (property: AnnotatedProperty) => boolean): string[] =>
  every.filter(([, property]) => !holds(property)).map(([name]) => name);

describe('every property of every contract', () => {
  it('is looked at', () => {
    expect(every.length).toBeGreaterThan(300);
  });

  it('has a sensitivity and purposes', () => {
    expect(
      without(
        ({ schema }) =>
          SENSITIVITIES.includes(schema['x-sensitivity'] as never) && Array.isArray(schema['x-purposes']),
      ),
    ).toEqual([]);
  });

  it('has a sentence that says what it is', () => {
    expect(without(({ schema }) => /^[A-Z].+\.$/.test(String(schema['description'])))).toEqual([]);
  });

  it('is bounded: a text by its length, a list by its items, a number by its range', () => {
    const bounded = (part: JsonSchema): boolean => {
      if (part['enum'] ?? part['const']) return true;
      if (part['type'] === 'string') return typeof part['maxLength'] === 'number';
      if (part['type'] === 'array') return typeof part['maxItems'] === 'number';
      if (part['type'] === 'number' || part['type'] === 'integer')
        return typeof part['minimum'] === 'number' && typeof part['maximum'] === 'number';
      return part['type'] === 'boolean' || part['type'] === 'object';
    };
    expect(without((property) => parts(property).every(bounded))).toEqual([]);
  });

  it('has no pattern that a hostile text could make slow', () => {
    // A repeated group is the one way to more than polynomial time; a text is short enough for the rest.
    const slow = (part: JsonSchema): boolean => /\)[*+{]/.test((part['pattern'] ?? '') as string);
    expect(without((property) => !parts(property).some(slow))).toEqual([]);
  });

  it('has an anchored pattern, so that the whole text is held against it', () => {
    const anchored = (part: JsonSchema): boolean =>
      part['pattern'] === undefined || /^\^.*\$$/.test(part['pattern'] as string);
    expect(without((property) => parts(property).every(anchored))).toEqual([]);
  });

  it('answers "unknown" where a person is asked yes or no', () => {
    const answers = without(({ schema }) => {
      const values = schema['enum'];
      return (
        !(Array.isArray(values) && values.includes('yes')) ||
        ['unknown', 'declined', 'not-asked'].every((each) => values.includes(each))
      );
    });
    expect(answers).toEqual([]);
  });
});
