import { beforeAll, describe, expect, it } from '@jest/globals';
import type * as fhir4 from 'fhir/r4.js';
import { loadAlliance, loadContracts, type Contract, type Envelope } from '#contracts';
import { fromBundle, toBundle } from '#fhir';
import { minimise } from '../../apps/hub/src/dispatch/minimise.js';
import { aRiskAlert, aStepDown } from '../support/builders.js';
import { validMessages } from '../support/emitted-bundles.js';
import { loadFhir, problemsOf } from '../support/fhir-validator.js';
import { permitFor } from '../support/permit-for.js';

type Bundle = fhir4.Bundle<fhir4.FhirResource>;

const contracts = loadContracts();
const { agreements, partners } = loadAlliance();
const speakers = partners.filter(({ channel }) => channel === 'fhir' || channel === 'mesh');
const copy = {
  deliveryid: '0198c0de-0000-7000-8000-000000000001',
  messageId: '0198c0de-0000-7000-8000-000000000002',
};

function contractOf({ type }: Envelope): Contract {
  const contract = contracts.get(type);
  if (!contract) throw new Error(`${type} is no contract.`);
  return contract;
}

/** Partners with like agreements get like copies: each is looked at once. */
const looked = new Map<string, string[]>();
function problemsOfCopy(bundle: Bundle): string[] {
  const text = JSON.stringify(bundle);
  const problems = looked.get(text) ?? problemsOf(bundle);
  looked.set(text, problems);
  return problems;
}

beforeAll(() => loadFhir(), 60_000);

describe.each(speakers)('every copy that $id may get, by its agreement', ({ id, reads }) => {
  const messages = validMessages().filter(({ envelope }) =>
    reads.includes(envelope.type.slice('mta.'.length)),
  );

  it.each([
    ['of anybody', false],
    ['of somebody whom nobody may find', true],
  ])('%s is FHIR, and reads as what it was', (_who, restricted) => {
    expect(new Set(messages.map(({ envelope }) => envelope.type)).size).toBe(reads.length);
    for (const { title, envelope } of messages) {
      const contract = contractOf(envelope);
      const { message } = minimise(contract, envelope, permitFor(id, contract, restricted), copy);
      if (!message) throw new Error(`${title} leaves nothing`);
      const bundle = toBundle(message);
      expect([title, problemsOfCopy(bundle)]).toEqual([title, []]);
      expect([title, fromBundle(JSON.parse(JSON.stringify(bundle)))]).toMatchObject([
        title,
        { envelope: message, findings: [], notCarried: [] },
      ]);
    }
  });
});

describe('a Patient who is labelled as restricted', () => {
  const RESTRICTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
  const WHEREABOUTS = /1 Hidden Lane|ME4 4TZ|07700900123|07700 900123/;
  const person = {
    name: 'Robin Example',
    dateOfBirth: '2012-03-04',
    address: { kind: 'known', lines: ['1 Hidden Lane'], postcode: 'ME4 4TZ', safeToWrite: 'yes' },
    contactRoutes: [{ kind: 'mobile', value: '07700900123', belongsTo: 'young-person', safe: 'yes' }],
  };
  const patientOf = (bundle: Bundle): fhir4.Patient => {
    const found = bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')?.resource;
    if (found?.resourceType !== 'Patient') throw new Error('There is no Patient.');
    return found;
  };
  const read = (bundle: Bundle): Envelope => {
    const found = fromBundle(JSON.parse(JSON.stringify(bundle)));
    if ('outcome' in found) throw new Error(JSON.stringify(found.outcome));
    return found.envelope;
  };

  it.each([
    ['a step-down', aStepDown({ data: { person } })],
    ['a risk alert', aRiskAlert({ data: { about: { kind: 'identified', person } } })],
  ])(
    'of %s is restricted from then on: where they live and how they are reached leaves to nobody',
    (_what, message) => {
      const bundle = toBundle(message);
      expect(JSON.stringify(patientOf(bundle))).toMatch(WHEREABOUTS);
      Object.assign(patientOf(bundle), { meta: { security: [{ ...RESTRICTED, code: 'U' }, RESTRICTED] } });
      const envelope = read(bundle);
      const contract = contractOf(envelope);
      const restricted = contracts.restrictionOf(contract, envelope) === true;
      for (const { id } of partners.filter(({ id }) => agreements.some(({ partner }) => partner === id))) {
        const left = minimise(contract, envelope, permitFor(id, contract, restricted), copy);
        const out = toBundle(left.message as Envelope);
        expect([id, JSON.stringify(out).match(WHEREABOUTS)]).toEqual([id, null]);
        expect(patientOf(out).address ?? patientOf(out).telecom).toBeUndefined();
        if (left.fields.some((field) => field.endsWith('/restricted')))
          expect(patientOf(out).meta?.security).toEqual([RESTRICTED]);
      }
    },
  );

  it('of a safety message that has no place for it is restricted all the same', () => {
    const closed = validMessages().find(({ envelope }) => envelope.type === 'mta.risk.closed.v1')?.envelope;
    const bundle = toBundle(closed as Envelope);
    const contract = contractOf(closed as Envelope);
    expect(contracts.restrictionOf(contract, read(bundle))).toBeUndefined();
    Object.assign(patientOf(bundle), { meta: { security: [RESTRICTED] } });
    expect(contracts.restrictionOf(contract, read(bundle))).toBe(true);
  });
});
