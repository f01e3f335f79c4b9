import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import fc from 'fast-check';
import { fromBundle, type ReadBundle } from './from-bundle.js';
import { REPRESENTATIONS } from './representations.js';
import { toBundle } from './to-bundle.js';

type Json = Record<string, unknown>;

const SCHEMAS = new URL('../../../schemas/', import.meta.url);
const examples = Object.keys(REPRESENTATIONS).flatMap((type) => {
  const folder = new URL(`${type.slice('mta.'.length, -'.v1'.length)}/v1.examples/valid/`, SCHEMAS);
  return readdirSync(folder).map((name) => ({
    title: `${type} ${name}`,
    envelope: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Envelope,
  }));
});
const bundleOf = (envelope: Envelope): Json => JSON.parse(JSON.stringify(toBundle(envelope))) as Json;
const read = (bundle: unknown): ReadBundle => {
  const found = fromBundle(bundle);
  if ('outcome' in found) throw new Error(JSON.stringify(found.outcome));
  return found;
};
const placesOf = (bundle: unknown): string[] =>
  read(bundle).notCarried.map(({ expression }) => expression?.[0] ?? '');
const resourcesOf = (bundle: Json): Json[] =>
  (bundle['entry'] as Json[]).map(({ resource }) => resource as Json);

const firstOfEach = Object.keys(REPRESENTATIONS).map((type) => {
  const [example] = examples.filter(({ title }) => title.startsWith(`${type} `));
  return { type, bundle: bundleOf((example as (typeof examples)[number]).envelope) };
});
/** Every object in a resource, with its place as FHIRPath; what only says where a message comes from is left out. */
function* elementsOf(value: unknown, at: string): Generator<{ element: Json; at: string }> {
  if (typeof value !== 'object' || value === null || /\.(meta|source)$/.test(at)) return;
  if (!Array.isArray(value)) yield { element: value as Json, at };
  for (const [name, member] of Object.entries(value))
    yield* elementsOf(member, Array.isArray(value) ? `${at}[${name}]` : `${at}.${name}`);
}
const exampleOf = (title: string): Json =>
  bundleOf(examples.find((each) => each.title === title)?.envelope as Envelope);
const stepUp = (): Json => exampleOf('mta.step-up.requested.v1 to-specialist.json');
const bundleOfType = (type: string): Json =>
  firstOfEach.find((each) => each.type === type)?.bundle as unknown as Json;
const resource = (bundle: Json, resourceType: string): Json =>
  resourcesOf(bundle).find((each) => each['resourceType'] === resourceType) as Json;
const first = (holder: Json, name: string): Json => (holder[name] as Json[])[0] as Json;

describe('what a bundle says and its message does not', () => {
  it.each(examples)('is nothing where we wrote the bundle: $title', ({ envelope }) => {
    expect(placesOf(bundleOf(envelope))).toEqual([]);
  });

  it.each(firstOfEach)('is found wherever it stands: $type', ({ bundle }) => {
    const planted = [...elementsOf(resourcesOf(bundle), 'Bundle.entry')].map(({ at }) =>
      at.replace(/^Bundle\.entry\[(\d+)\]/, 'Bundle.entry[$1].resource'),
    );
    expect(planted.length).toBeGreaterThanOrEqual(resourcesOf(bundle).length);
    planted.forEach((at, index) => {
      const copy = structuredClone(bundle);
      const { element } = [...elementsOf(resourcesOf(copy), '')][index] as { element: Json };
      element['planted'] = 'Robin Example';
      const told = read(copy).notCarried;
      expect(told.map(({ expression }) => expression?.[0])).toEqual([`${at}.planted`]);
      expect(JSON.stringify(told)).not.toContain('Robin');
    });
  });

  it.each<[string, (bundle: Json) => unknown, string[]]>([
    [
      'an element as a whole, when nothing of it is carried',
      (b) => (resource(b, 'ServiceRequest')['encounter'] = { identifier: { system: 'urn:x', value: '1' } }),
      ['Bundle.entry[1].resource.encounter'],
    ],
    [
      'a second name, and no first',
      (b) => (resource(b, 'Patient')['name'] as Json[]).push({ text: 'Other', use: 'old' }),
      ['Bundle.entry[3].resource.name[1]'],
    ],
    [
      'a code of another system, beside ours',
      (b) =>
        (first(resource(b, 'ServiceRequest'), 'reasonCode')['coding'] as Json[]).push({
          system: 'http://snomed.info/sct',
          code: '1',
          display: 'Something else',
        }),
      ['Bundle.entry[1].resource.reasonCode[0].coding[1]'],
    ],
    [
      'a second code of our system',
      (b) =>
        (resource(b, 'ServiceRequest')['reasonCode'] as Json[]).push(
          structuredClone(first(resource(b, 'ServiceRequest'), 'reasonCode')),
        ),
      ['Bundle.entry[1].resource.reasonCode[1]'],
    ],
    [
      'an extension of a primitive, by the name of that',
      (b) =>
        (resource(b, 'Patient')['_birthDate'] = { extension: [{ url: 'urn:x', valueTime: '10:00:00' }] }),
      ['Bundle.entry[3].resource.birthDate'],
    ],
    [
      'a security label',
      (b) => (resource(b, 'Consent')['meta'] = { security: [{ code: 'V' }], profile: ['urn:x'] }),
      ['Bundle.entry[4].resource.meta'],
    ],
    [
      'words that a narrative says of itself to hold beside',
      (b) => (resource(b, 'Patient')['text'] = { status: 'additional', div: '<div>More</div>' }),
      ['Bundle.entry[3].resource.text'],
    ],
    [
      'a reference to where it should not lead',
      (b) => (resource(b, 'Task')['basedOn'] = [{ reference: (b['entry'] as Json[])[1]?.['fullUrl'] }]),
      ['Bundle.entry[2].resource.basedOn'],
    ],
    [
      'a name that FHIR cannot give, without it',
      (b) => (resource(b, 'Patient')['Robin Example'] = 'x'),
      ['Bundle.entry[3].resource'],
    ],
    ['an element of the bundle itself', (b) => (b['total'] = 13), ['Bundle.total']],
  ])('is %s', (_what, spoil, places) => {
    const bundle = stepUp();
    spoil(bundle);
    expect(placesOf(bundle)).toEqual(places);
  });

  it('is no narrative, no id, no language, no profile, no software of the sender and no word for a code', () => {
    const bundle = stepUp();
    for (const each of resourcesOf(bundle)) {
      each['language'] = 'en';
      each['text'] = { status: 'generated', div: '<div>The same</div>' };
      each['meta'] = { ...(each['meta'] as Json), profile: ['urn:x'], lastUpdated: '2026-11-22T09:00:00Z' };
    }
    const [header] = resourcesOf(bundle) as [Json];
    Object.assign(header['source'] as Json, { software: 'A record system', version: '7' });
    header['destination'] = [{ endpoint: '/hub' }];
    const request = resource(bundle, 'ServiceRequest');
    Object.assign(first(first(request, 'reasonCode'), 'coding'), { display: 'In words' });
    Object.assign(request['subject'] as Json, { type: 'Patient', display: 'A young person' });
    Object.assign(first(resource(bundle, 'Patient'), 'name'), { id: 'n1' });
    expect(placesOf(bundle)).toEqual([]);
  });

  it('names nineteen and counts the others', () => {
    const bundle = stepUp();
    for (let no = 0; no < 25; no += 1) resource(bundle, 'Patient')[`planted${no}`] = no;
    const told = read(bundle).notCarried;
    expect(told).toHaveLength(20);
    expect(told.at(-1)).toEqual({
      severity: 'warning',
      code: 'informational',
      diagnostics: '6 more elements of the bundle are not carried.',
    });
  });

  it.each<[string, (bundle: Json) => unknown, string]>([
    [
      'a name that is no longer used',
      (b) => (first(resource(b, 'Patient'), 'name')['use'] = 'old'),
      'Bundle.entry[3].resource.name[0].use',
    ],
    [
      'somebody who is dead',
      (b) => (resource(b, 'Patient')['deceasedDateTime'] = '2026-11-01'),
      'Bundle.entry[3].resource.deceasedDateTime',
    ],
    [
      'a record that another has replaced',
      (b) => (resource(b, 'Patient')['link'] = [{ type: 'replaced-by', other: { display: 'x' } }]),
      'Bundle.entry[3].resource.link',
    ],
    [
      'a request not to do it',
      (b) => (resource(b, 'ServiceRequest')['doNotPerform'] = true),
      'Bundle.entry[1].resource.doNotPerform',
    ],
    ['rules that nobody knows', (b) => (b['implicitRules'] = 'urn:rules'), 'Bundle.implicitRules'],
    [
      'a modifier extension beside a primitive',
      (b) => (resource(b, 'Patient')['_given'] = [null, { modifierExtension: [{ url: 'urn:x' }] }]),
      'modifierExtension',
    ],
    [
      'a consent to something else',
      (b) => (first(resource(b, 'Consent')['scope'] as Json, 'coding')['code'] = 'research'),
      'Bundle.entry[4].resource.scope',
    ],
    [
      'a consent that forbids what its status gives',
      (b) => (resource(b, 'Consent')['provision'] = { type: 'deny' }),
      'Bundle.entry[4].resource.provision.type',
    ],
    [
      'a consent by a rule that turns its status',
      (b) => (first(resource(b, 'Consent')['policyRule'] as Json, 'coding')['code'] = 'OPTOUT'),
      'Bundle.entry[4].resource.policyRule.coding[0].code',
    ],
  ])('is refused where it turns the meaning of what is carried: %s', (_what, spoil, at) => {
    const bundle = stepUp();
    spoil(bundle);
    const found = fromBundle(bundle);
    if (!('outcome' in found)) throw new Error('was taken');
    expect(found.outcome.issue.map(({ expression }) => expression?.[0])).toEqual([
      expect.stringContaining(at),
    ]);
  });

  it('is refused where it makes a score a bound', () => {
    const bundle = structuredClone(bundleOfType('mta.outcome.measure.v1'));
    (first(resource(bundle, 'Observation'), 'component')['valueQuantity'] as Json)['comparator'] = '<';
    expect(fromBundle(bundle)).toMatchObject({
      outcome: {
        issue: [{ expression: ['Bundle.entry[1].resource.component[0].valueQuantity.comparator'] }],
      },
    });
  });

  it('is carried on with where a modifier says what is taken for granted', () => {
    const bundle = stepUp();
    Object.assign(resource(bundle, 'Patient'), { active: true, deceasedBoolean: false });
    Object.assign(resource(bundle, 'ServiceRequest'), { doNotPerform: false });
    Object.assign(first(resource(bundle, 'Patient'), 'name'), { use: 'official' });
    expect(placesOf(bundle)).toEqual([]);
    Object.assign(first(resource(bundle, 'Patient'), 'name'), { use: 'nickname' });
    expect(placesOf(bundle)).toEqual(['Bundle.entry[3].resource.name[0].use']);
  });

  it('is told of a risk alert, too, once, and what turns its meaning is a finding', () => {
    const bundle = structuredClone(bundleOfType('mta.risk.alert.v1'));
    Object.assign(resource(bundle, 'Patient'), { deceasedBoolean: true, maritalStatus: { text: 'S' } });
    (bundle['entry'] as Json[]).push({
      fullUrl: 'urn:x',
      resource: { resourceType: 'Basic', code: { text: 'x' } },
    });
    const { findings, notCarried } = read(bundle);
    const lastEntry = resourcesOf(bundle).length - 1;
    expect(findings.flatMap(({ expression }) => expression)).toEqual([
      `Bundle.entry[${lastEntry}].resource`,
      'Bundle.entry[2].resource.deceasedBoolean',
    ]);
    expect(notCarried.flatMap(({ expression }) => expression)).toEqual([
      'Bundle.entry[2].resource.maritalStatus',
    ]);
  });

  it('is never silent: a bundle that loses or gains a value anywhere is another message, refused, or told', () => {
    const bundles = firstOfEach.map(({ bundle }) => JSON.stringify(bundle));
    const spoilt = fc.tuple(fc.constantFrom(...bundles), fc.nat(), fc.stringMatching(/^[a-z]{3,12}$/));
    fc.assert(
      fc.property(spoilt, ([text, at, value]) => {
        const bundle = JSON.parse(text) as Json;
        const before = read(JSON.parse(text));
        if (!replaceText(bundle, at, value)) return;
        const after = fromBundle(bundle);
        const isHeard =
          'outcome' in after ||
          after.findings.length + after.notCarried.length > 0 ||
          JSON.stringify([after.envelope, after.request]) !==
            JSON.stringify([before.envelope, before.request]);
        expect([JSON.stringify(bundle), isHeard]).toEqual([JSON.stringify(bundle), true]);
      }),
      { numRuns: 600 },
    );
  });
});

/** Puts other words in the place of one text of the content; answers whether there was one. */
function replaceText(bundle: Json, at: number, value: string): boolean {
  const texts = [...elementsOf(resourcesOf(bundle), '')].flatMap(({ element }) =>
    Object.keys(element)
      .filter((name) => typeof element[name] === 'string' && !['id', 'resourceType'].includes(name))
      .map((name) => ({ element, name })),
  );
  const { element, name } = texts[at % texts.length] as (typeof texts)[number];
  if (element[name] === value) return false;
  element[name] = value;
  return true;
}
