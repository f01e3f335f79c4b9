import { beforeAll, describe, expect, it } from '@jest/globals';
import type * as fhir4 from 'fhir/r4.js';
import { loadAlliance, loadContracts, type Sensitivity } from '#contracts';
import { capabilityStatement, fromBundle, hasFhirForm, operationOutcome, toBundle } from '#fhir';
import type { Permit } from '../../apps/hub/src/dispatch/consent.js';
import { minimise } from '../../apps/hub/src/dispatch/minimise.js';
import { emittedBundles, validMessages } from '../support/emitted-bundles.js';
import { hasUkCore, loadFhir, problemsOf, UK_CORE } from '../support/fhir-validator.js';

const emitted = emittedBundles();
const bundleOf = (title: string): fhir4.Bundle<fhir4.FhirResource> => {
  const found = emitted.find((each) => each.title.startsWith(title));
  if (!found) throw new Error(`no example of ${title}`);
  return structuredClone(found.resource);
};

if (!hasUkCore)
  console.log(`UK Core was left out: its profiles are not at ${UK_CORE}. Base R4 was held against all.`);

beforeAll(() => loadFhir(), 60_000);

describe('what we say in FHIR is FHIR', () => {
  it.each(emitted)('$title', ({ resource }) => {
    expect(problemsOf(resource)).toEqual([]);
  });

  it('a refusal, and the statement of what we take', () => {
    expect(
      problemsOf(operationOutcome('contract/invalid', 'No.', 'error', ['/data/to', '/entry/1'])),
    ).toEqual([]);
    expect(problemsOf(capabilityStatement('https://hub.example/fhir', '0.1.0'))).toEqual([]);
  });
});

describe('what is left of a message for one recipient is FHIR too, and reads as what it was', () => {
  const contracts = loadContracts();
  const messages = validMessages().filter(({ envelope }) => hasFhirForm(envelope.type));
  const copy = {
    deliveryid: '0198c0de-0000-7000-8000-000000000001',
    messageId: '0198c0de-0000-7000-8000-000000000002',
  };

  it.each<[string, string[], Sensitivity]>([
    ['operations', ['operations'], 'S1'],
    ['coordination', ['coordination'], 'S2'],
    ['care without restricted facts', ['direct-care', 'coordination'], 'S3'],
    ['safety', ['safety'], 'S4'],
  ])('%s', (_what, purposes, sensitivityCap) => {
    const permit = { partner: 'nelft', purposes, sensitivityCap } as unknown as Permit;
    for (const { title, envelope } of messages) {
      const contract = contracts.get(envelope.type);
      const { message } = minimise(contract as NonNullable<typeof contract>, envelope, permit, copy);
      if (!message) throw new Error(`${title} leaves nothing`);
      const bundle = toBundle(message);
      expect([title, problemsOf(bundle)]).toEqual([title, []]);
      const read = fromBundle(JSON.parse(JSON.stringify(bundle)));
      const said = Object.keys(message.data).length > 0;
      // A bundle that says nothing of a message is refused, rightly; no recipient's agreement leaves nothing of one.
      if (said)
        expect([title, read]).toMatchObject([title, { envelope: message, findings: [], notCarried: [] }]);
    }
  });
});

it('every message that a partner gets or sends in FHIR has a FHIR form', () => {
  const { partners } = loadAlliance();
  const speakers = partners.filter(({ channel }) => channel === 'fhir' || channel === 'mesh');
  expect(speakers.length).toBeGreaterThan(0);
  const formless = speakers.flatMap(({ id, reads, sends }) =>
    [...reads, ...sends].filter((type) => !hasFhirForm(`mta.${type}`)).map((type) => `${id} ${type}`),
  );
  expect(formless).toEqual([]);
});

describe('what is not FHIR is found', () => {
  const spoilt: [string, (bundle: fhir4.Bundle<fhir4.FhirResource>) => unknown, RegExp][] = [
    [
      'a date that is none',
      (b) => patientOf(b) && Object.assign(patientOf(b), { birthDate: 'soon' }),
      /birthDate/,
    ],
    ['an unknown element', (b) => Object.assign(patientOf(b), { nickname: 'R' }), /nickname/],
    ['a code outside its list', (b) => Object.assign(patientOf(b), { gender: 'x' }), /Patient.gender/],
    ['a status outside its list', (b) => Object.assign(taskOf(b), { status: 'agreed' }), /Task.status/],
    ['an element that must be there', (b) => delete (taskOf(b) as Partial<fhir4.Task>).intent, /intent/],
    [
      'a list that we do not have',
      (b) => Object.assign(taskOf(b), { priority: 'urgent' }),
      /no list.*Task.priority/,
    ],
  ];
  it.each(spoilt)('%s', (_what, spoil, problem) => {
    const bundle = bundleOf('mta.step-up.requested.v1');
    spoil(bundle);
    expect(problemsOf(bundle).join('\n')).toMatch(problem);
  });

  (hasUkCore ? it : it.skip)('what only UK Core forbids: two NHS numbers', () => {
    const bundle = bundleOf('mta.step-up.requested.v1');
    const system = 'https://fhir.nhs.uk/Id/nhs-number';
    patientOf(bundle).identifier = [
      { system, value: '9990000018' },
      { system, value: '9990000026' },
    ];
    expect(problemsOf(bundle).join('\n')).toMatch(/identifier/);
  });
});

const patientOf = (bundle: fhir4.Bundle<fhir4.FhirResource>): fhir4.Patient =>
  resourceOf(bundle, 'Patient') as fhir4.Patient;
const taskOf = (bundle: fhir4.Bundle<fhir4.FhirResource>): fhir4.Task =>
  resourceOf(bundle, 'Task') as fhir4.Task;
function resourceOf(bundle: fhir4.Bundle<fhir4.FhirResource>, type: string): fhir4.FhirResource {
  const found = bundle.entry?.find(({ resource }) => resource?.resourceType === type)?.resource;
  if (!found) throw new Error(`no ${type}`);
  return found;
}
