import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import fc from 'fast-check';
import type * as fhir4 from 'fhir/r4.js';
import { fromBundle } from './from-bundle.js';
import { toBundle } from './to-bundle.js';

const EXAMPLES = new URL('../../../schemas/', import.meta.url);
const bundleOf = (type: string, name: string): fhir4.Bundle =>
  toBundle(
    JSON.parse(readFileSync(new URL(`${type}/v1.examples/valid/${name}.json`, EXAMPLES), 'utf8')) as Envelope,
  );
const stepUp = (): fhir4.Bundle => bundleOf('step-up.requested', 'to-specialist');
const riskAlert = (): fhir4.Bundle => bundleOf('risk.alert', 'identified');

type Entry = fhir4.BundleEntry<fhir4.FhirResource>;
const entries = (bundle: fhir4.Bundle): Entry[] => bundle.entry as Entry[];
/** The resource of this type, loose enough to be spoilt. */
const resource = (bundle: fhir4.Bundle, type: string): Record<string, unknown> =>
  entries(bundle).find((entry) => entry.resource?.resourceType === type)?.resource as unknown as Record<
    string,
    unknown
  >;
const secondPatient: Entry = {
  fullUrl: 'urn:uuid:5f0c3a52-8f0e-4f4c-9d0e-0d3a6f1b2c3d',
  resource: { resourceType: 'Patient', name: [{ text: 'Another Example' }] },
};
const nhsNumber = (value: string): fhir4.Identifier => ({
  system: 'https://fhir.nhs.uk/Id/nhs-number',
  value,
});
const field = (pointer: string, valueString: string): fhir4.Extension => ({
  url: 'https://alliance-hub.example/fhir/StructureDefinition/contract-field',
  extension: [
    { url: 'pointer', valueString: pointer },
    { url: 'value', valueString },
  ],
});
const headerExtensions = (bundle: fhir4.Bundle): fhir4.Extension[] =>
  resource(bundle, 'MessageHeader')['extension'] as fhir4.Extension[];

interface Refusal {
  what: string;
  spoil: (bundle: fhir4.Bundle) => unknown;
  issue: string;
  at?: string;
  code?: string;
}
const refusals: Refusal[] = [
  {
    what: 'XML',
    spoil: () => ' <Bundle xmlns="http://hl7.org/fhir"/>',
    issue: 'not-supported',
    code: 'contract/media-type',
  },
  { what: 'no object', spoil: () => ['a'], issue: 'structure', at: 'Bundle' },
  { what: 'another resource', spoil: () => ({ resourceType: 'Patient' }), issue: 'structure', at: 'Bundle' },
  {
    what: 'another type of bundle',
    spoil: (b) => void (b.type = 'transaction'),
    issue: 'invariant',
    at: 'Bundle',
  },
  {
    what: 'no version of the exchange',
    spoil: (b) => void delete b.meta,
    issue: 'invariant',
    at: 'Bundle.meta.versionId',
    code: 'contract/exchange',
  },
  {
    what: 'a version of the exchange that we do not speak',
    spoil: (b) => void (b.meta = { versionId: '2.0.0' }),
    issue: 'not-supported',
    at: 'Bundle.meta.versionId',
    code: 'contract/unknown-version',
  },
  { what: 'no entries', spoil: (b) => void delete b.entry, issue: 'invariant' },
  {
    what: 'no MessageHeader first',
    spoil: (b) => void b.entry?.reverse(),
    issue: 'invariant',
    at: 'Bundle.entry[0].resource',
  },
  {
    what: 'an entry without a resource',
    spoil: (b) => void delete b.entry?.[2]?.resource,
    issue: 'required',
    at: 'Bundle.entry[2]',
  },
  {
    what: 'an unknown event',
    spoil: (b) => void (resource(b, 'MessageHeader')['eventCoding'] = { system: 'urn:x', code: 'admit' }),
    issue: 'not-supported',
    at: 'Bundle.entry[0].resource.eventCoding',
    code: 'contract/unknown-type',
  },
  {
    what: 'an event at another version',
    spoil: (b) =>
      void ((resource(b, 'MessageHeader')['eventCoding'] as fhir4.Coding).code = 'mta.step-up.requested.v2'),
    issue: 'not-supported',
    code: 'contract/unknown-version',
  },
  {
    what: 'a definition that is not that of the event',
    spoil: (b) => void (resource(b, 'MessageHeader')['definition'] = 'urn:another'),
    issue: 'invariant',
    at: 'Bundle.entry[0].resource.definition',
  },
  {
    what: 'an update in place',
    spoil: (b) => void (resource(b, 'MessageHeader')['reason'] = { coding: [{ code: 'update' }] }),
    issue: 'not-supported',
    at: 'Bundle.entry[0].resource.reason',
  },
  {
    what: 'a failed response',
    spoil: (b) => void (resource(b, 'MessageHeader')['response'] = { identifier: 'x', code: 'fatal-error' }),
    issue: 'not-supported',
    at: 'Bundle.entry[0].resource.response.code',
  },
  {
    what: 'a dangling reference',
    spoil: (b) =>
      void (resource(b, 'Flag')['subject'] = { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' }),
    issue: 'not-found',
    at: 'Bundle.entry[5].resource.subject.reference',
  },
  {
    what: 'a focus on something else',
    spoil: (b) => void (resource(b, 'MessageHeader')['focus'] = [{ reference: b.entry?.[3]?.fullUrl }]),
    issue: 'required',
    at: 'Bundle.entry[0].resource.focus',
  },
  {
    what: 'a subject that is no Patient',
    spoil: (b) => void (resource(b, 'Flag')['subject'] = { reference: b.entry?.[1]?.fullUrl }),
    issue: 'invariant',
    at: 'Bundle.entry[5].resource.subject.reference',
  },
  {
    what: 'two patients',
    spoil: (b) => void entries(b).push(secondPatient),
    issue: 'multiple-matches',
    at: 'Bundle.entry[13].resource',
  },
  {
    what: 'two NHS numbers',
    spoil: (b) =>
      void (resource(b, 'Patient')['identifier'] = [nhsNumber('9990000018'), nhsNumber('9990000026')]),
    issue: 'multiple-matches',
    at: 'Bundle.entry[3].resource.identifier[1]',
  },
  {
    what: 'two entries of one fullUrl',
    spoil: (b) => void ((b.entry?.[4] as Entry).fullUrl = b.entry?.[3]?.fullUrl),
    issue: 'duplicate',
    at: 'Bundle.entry[4].fullUrl',
  },
  {
    what: 'a cancelled request',
    spoil: (b) => void (resource(b, 'ServiceRequest')['status'] = 'revoked'),
    issue: 'invariant',
    at: 'Bundle.entry[1].resource.status',
  },
  {
    what: 'a resource that the message has no place for',
    spoil: (b) => void entries(b).push({ fullUrl: 'urn:x', resource: { resourceType: 'Basic', code: {} } }),
    issue: 'not-supported',
    at: 'Bundle.entry[13].resource',
  },
  {
    what: 'a modifier extension at any depth',
    spoil: (b) =>
      void ((resource(b, 'Patient')['name'] as object[])[0] = {
        text: 'A',
        modifierExtension: [{ url: 'urn:not' }],
      }),
    issue: 'not-supported',
    at: 'Bundle.entry[3].resource.name[0].modifierExtension',
  },
  {
    what: 'a resource within another',
    spoil: (b) => void (resource(b, 'ServiceRequest')['contained'] = [{ resourceType: 'Observation' }]),
    issue: 'not-supported',
    at: 'Bundle.entry[1].resource.contained',
  },
  {
    what: 'a note that would not arrive',
    spoil: (b) => void (resource(b, 'ServiceRequest')['note'] = [{ text: 'Do not ring at home.' }]),
    issue: 'not-supported',
    at: 'Bundle.entry[1].resource.note[0].text',
  },
  {
    what: 'an element of the wrong shape',
    spoil: (b) => void (resource(b, 'Patient')['identifier'] = nhsNumber('9990000018')),
    issue: 'structure',
    at: 'Bundle.entry[3].resource.identifier',
  },
  {
    what: 'a code that FHIR does not know',
    spoil: (b) => void (resource(b, 'ServiceRequest')['priority'] = 'whenever'),
    issue: 'code-invalid',
    at: 'Bundle.entry[1].resource.priority',
  },
  {
    what: 'a contract field that contradicts an element',
    spoil: (b) => void headerExtensions(b).push(field('/data/urgency', 'routine')),
    issue: 'conflict',
  },
  {
    what: 'a contract field without a value',
    spoil: (b) => void headerExtensions(b)[0]?.extension?.pop(),
    issue: 'structure',
    at: 'Bundle.entry[0].resource.extension[0]',
  },
  {
    what: 'a contract field below the value of another',
    spoil: (b) => void headerExtensions(b).push(field('/data/urgency/x', 'routine')),
    issue: 'structure',
  },
  {
    what: 'a contract field in the place of others',
    spoil: (b) => void headerExtensions(b).push(field('/data/person', 'Robin')),
    issue: 'structure',
  },
  {
    what: 'a consent whose status and coding disagree',
    spoil: (b) => void (resource(b, 'Consent')['status'] = 'rejected'),
    issue: 'invariant',
    at: 'Bundle.entry[4].resource.status',
  },
];

describe('fromBundle', () => {
  it.each(refusals)('refuses $what and says where', ({ spoil, issue, at, code = 'contract/fhir' }) => {
    const bundle = structuredClone(stepUp());
    const read = fromBundle(spoil(bundle) ?? bundle);
    if (!('outcome' in read)) throw new Error('was taken');
    expect(read.code).toBe(code);
    const found = read.outcome.issue.find((each) => each.code === issue);
    expect(found).toMatchObject({ severity: 'error', ...(at !== undefined && { expression: [at] }) });
    expect(JSON.stringify(read.outcome)).not.toMatch(/Robin|9990000018|school/);
  });

  it('answers with the status and the receiver code of the fault', () => {
    const read = fromBundle({ ...stepUp(), type: 'batch' });
    expect(read).toMatchObject({ status: 422, code: 'contract/fhir' });
    expect('outcome' in read && read.outcome.issue[0]?.details?.coding?.[0]?.code).toBe(
      'REC_UNPROCESSABLE_ENTITY',
    );
  });

  it('gives what an answer needs: the id of the bundle, its event and where the sender is', () => {
    expect(fromBundle({ ...stepUp(), id: 'b-1' })).toMatchObject({
      envelope: { id: 'nkm-0014' },
      request: { id: 'b-1', event: 'mta.step-up.requested.v1', endpoint: '/partners/nkm' },
    });
  });

  it('takes a risk alert with whatever is wrong in it, and says so', () => {
    const bundle = structuredClone(riskAlert());
    entries(bundle).push({ fullUrl: 'urn:x', resource: { resourceType: 'Basic', code: {} } });
    resource(bundle, 'Flag')['status'] = 'inactive';
    const read = fromBundle(bundle);
    if ('outcome' in read) throw new Error('was refused');
    expect(read.findings.map((finding) => [finding.severity, finding.code])).toEqual([
      ['warning', 'invariant'],
      ['warning', 'not-supported'],
    ]);
    expect(read.envelope).toMatchObject({ type: 'mta.risk.alert.v1', data: { immediacy: 'now' } });
  });

  it.each<[string, (bundle: fhir4.Bundle) => unknown]>([
    ['another type of bundle', (b) => void (b.type = 'collection')],
    ['the MessageHeader behind the rest', (b) => void b.entry?.reverse()],
    [
      'a version that is not known',
      (b) => void ((resource(b, 'MessageHeader')['eventCoding'] as fhir4.Coding).code = 'mta.risk.alert.v7'),
    ],
    ['no identifier', (b) => [delete b.identifier, delete b.id, delete resource(b, 'MessageHeader')['id']]],
    [
      'fields that do not fit together',
      (b) => void headerExtensions(b).push(field('/data/immediacy/x', 'y')),
    ],
  ])('takes a risk alert with %s, and says so', (_what, spoil) => {
    const bundle = structuredClone(riskAlert());
    spoil(bundle);
    const read = fromBundle(bundle);
    if ('outcome' in read) throw new Error('was refused');
    expect(read.envelope.data).toMatchObject({
      immediacy: 'now',
      concern: expect.stringContaining('tonight'),
    });
    expect(new Set(read.findings.map((finding) => finding.severity))).toEqual(new Set(['warning']));
  });

  it('never mixes two persons in a risk alert: it reads the one whom the alert is about, or none', () => {
    const bundle = structuredClone(riskAlert());
    entries(bundle).splice(1, 0, secondPatient);
    const name = (): unknown => {
      const read = fromBundle(bundle);
      if ('outcome' in read) throw new Error('was refused');
      return (read.envelope.data as { about: { person?: { name?: string } } }).about.person?.name;
    };
    expect(name()).toBe('Robin Example');
    delete resource(bundle, 'Communication')['subject'];
    expect(name()).toBeUndefined();
  });

  it('lets no contract field reach a prototype', () => {
    const bundle = structuredClone(stepUp());
    headerExtensions(bundle).push(field('/data/__proto__/polluted', 'yes'));
    const read = fromBundle(bundle);
    if ('outcome' in read) throw new Error('was refused');
    expect(Object.keys(read.envelope.data as object)).toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses what is nested too deep without following it', () => {
    const bottomless = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as object;
    expect(fromBundle({ ...stepUp(), ...bottomless })).toMatchObject({
      code: 'contract/too-deep',
      status: 400,
    });
  });

  it('never throws, whatever stands where', () => {
    const bundles = [stepUp(), riskAlert(), bundleOf('hub.receipt', 'withheld-and-parked')].map((each) =>
      JSON.stringify(each),
    );
    const spoilt = fc
      .tuple(fc.constantFrom(...bundles), fc.nat(), fc.jsonValue({ maxDepth: 3 }))
      .map(([text, at, value]) => replaceNode(JSON.parse(text) as unknown, at, value));
    fc.assert(
      fc.property(spoilt, (bundle) => {
        const read = fromBundle(bundle);
        expect(
          'outcome' in read ? read.outcome.issue.length : Object.keys(read.envelope).length,
        ).toBeGreaterThan(0);
      }),
      { numRuns: 600 },
    );
  });
});

/** Puts another value in the place of one node, counted through the whole tree. */
function replaceNode(root: unknown, at: number, value: unknown): unknown {
  const nodes: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      nodes.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const [parent, key] = nodes[at % nodes.length] ?? [{}, ''];
  parent[key] = value;
  return root;
}
