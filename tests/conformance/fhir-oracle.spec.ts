import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as fhir4 from 'fhir/r4.js';
import { projectRoot } from '#contracts';
import { emittedBundles } from '../support/emitted-bundles.js';
import { FIXTURES, hasUkCore, UK_CORE } from '../support/fhir-validator.js';

/** Named by a variable, for plain JavaScript has no types to import. */
const script: string = '../../scripts/maven-jars.mjs';
const { mavenJars, whyNoJava } = (await import(script)) as {
  mavenJars(name: string, folder: string): Promise<string>;
  whyNoJava(): string | undefined;
};

const why = whyNoJava();
if (why && process.env.REQUIRE_HAPI === '1') throw new Error(`REQUIRE_HAPI=1, but ${why}.`);
if (why) process.stderr.write(`HAPI TESTS SKIPPED: ${why}.\n`);
else if (!hasUkCore) process.stderr.write(`HAPI WITHOUT UK CORE: its profiles are not at ${UK_CORE}.\n`);

/** The published profiles name extensions whose definitions are not published beside them. */
const UNRESOLVED = /^Slicing cannot be evaluated: .* could not be resolved/;

const emitted = emittedBundles();
const wrong = emittedBundles().find(({ title }) => title.startsWith('mta.step-up.requested.v1'));
let home: string | undefined;
let found = new Map<number, string[]>();

/** One process for all of them: the definitions take most of the time. */
async function askHapi(resources: readonly fhir4.FhirResource[]): Promise<Map<number, string[]>> {
  const jars = await mavenJars('hapi', 'hapi-8.2.0');
  home = mkdtempSync(join(tmpdir(), 'hapi-'));
  const file = join(home, 'resources.ndjson');
  writeFileSync(file, resources.map((resource) => JSON.stringify(resource)).join('\n'));
  const main = resolve(projectRoot(), 'tests/support/hapi/ValidateResources.java');
  const parts = hasUkCore ? ['snapshots', 'codesystems', 'valuesets'] : [];
  const published = parts.map((part) => join(FIXTURES, 'ukcore', part));
  const { stdout } = await promisify(execFile)(
    'java',
    ['-Xmx2g', '-cp', `${jars}/*`, main, file, ...published],
    { maxBuffer: 2 ** 26 },
  );
  const lines = stdout.trim().split('\n');
  if (lines.pop() !== `done ${resources.length}`) throw new Error('The validator did not come to its end.');
  const problems = new Map<number, string[]>();
  for (const line of lines) {
    const [index, where, what] = line.split('\t') as [string, string, string];
    if (!UNRESOLVED.test(what))
      problems.set(Number(index), [...(problems.get(Number(index)) ?? []), `${where}: ${what}`]);
  }
  return problems;
}

/** Every resource claims the UK Core profile of its type, where there is one. */
function claiming(bundle: fhir4.Bundle<fhir4.FhirResource>): fhir4.Bundle<fhir4.FhirResource> {
  const claim = structuredClone(bundle);
  for (const { resource } of claim.entry ?? []) {
    if (!resource || !existsSync(join(UK_CORE, `UKCore-${resource.resourceType}.json`))) continue;
    resource.meta = {
      ...resource.meta,
      profile: [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${resource.resourceType}`],
    };
  }
  return claim;
}

(why ? describe.skip : describe)('what we say in FHIR, asked of HAPI', () => {
  beforeAll(async () => {
    const patient = wrong?.resource.entry?.find(
      ({ resource }) => resource?.resourceType === 'Patient',
    )?.resource;
    Object.assign(patient ?? {}, { gender: 'x', birthDate: 'soon' });
    found = await askHapi([...emitted, ...(wrong ? [wrong] : [])].map(({ resource }) => claiming(resource)));
  }, 300_000);
  afterAll(() => {
    if (home !== undefined) rmSync(home, { recursive: true, force: true });
  });

  it.each(emitted.map(({ title }, index) => [title, index] as const))('%s', (_title, index) => {
    expect(found.get(index)).toBeUndefined();
  });

  it('finds a wrong code and a wrong date, or its word would mean nothing', () => {
    expect(found.get(emitted.length)?.join('\n')).toMatch(/birthDate[^]*gender|gender[^]*birthDate/);
  });
});
