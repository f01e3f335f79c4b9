import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadContracts } from '#contracts';
import { fromBundle } from './from-bundle.js';

describe('a bundle of a system that knows nothing of our contract fields', () => {
  it('takes a decision that a system wrote which knows nothing but FHIR', () => {
    const decision = {
      resourceType: 'Bundle',
      id: 'd-77',
      meta: { versionId: '1.0.0' },
      type: 'message',
      timestamp: '2026-11-22T09:00:00Z',
      entry: [
        {
          fullUrl: 'urn:uuid:1',
          resource: {
            resourceType: 'MessageHeader',
            eventCoding: {
              system: 'https://alliance-hub.example/fhir/CodeSystem/message-event',
              code: 'mta.step.decision.v1',
            },
            source: { endpoint: '/partners/nelft' },
            response: { identifier: '01936b5e-7c40-7a10-9b2e-5d3f6a7b8c9d', code: 'ok' },
            focus: [{ reference: 'urn:uuid:2' }],
          },
        },
        {
          fullUrl: 'urn:uuid:2',
          resource: {
            resourceType: 'Task',
            status: 'accepted',
            intent: 'order',
            lastModified: '2026-11-22T09:00:00Z',
            owner: { display: 'Intake clinician' },
            executionPeriod: { start: '2026-12-01' },
          },
        },
      ],
    };
    expect(fromBundle(decision)).toMatchObject({
      findings: [],
      envelope: {
        specversion: '1.0',
        id: 'd-77',
        source: '/partners/nelft',
        type: 'mta.step.decision.v1',
        time: '2026-11-22T09:00:00Z',
        causationid: '01936b5e-7c40-7a10-9b2e-5d3f6a7b8c9d',
        data: {
          decision: 'accepted',
          decidedAt: '2026-11-22T09:00:00Z',
          decidedBy: 'Intake clinician',
          ownerFrom: '2026-12-01',
        },
      },
    });
  });

  it('turns a step-down that a record system wrote itself into one that satisfies the contract', () => {
    const text = readFileSync(new URL('../samples/step-down.from-nelft.json', import.meta.url), 'utf8');
    const read = fromBundle(JSON.parse(text) as unknown);
    if ('outcome' in read) throw new Error(JSON.stringify(read.outcome));
    const contracts = loadContracts();
    const contract = contracts.get(read.envelope.type);
    expect(contract).toMatchObject({ type: 'step-down.requested' });
    expect([
      ...contracts.validateEnvelope(read.envelope),
      ...(contract ? contracts.validate(contract, read.envelope) : []),
    ]).toEqual([]);
    expect(read.envelope).toMatchObject({
      id: 'nelft-out-4711',
      partnercaseref: 'RIO-0099',
      data: {
        reason: 'need-lower',
        person: { name: 'Robin Example', nhsNumber: '9990000018', sex: 'female' },
        risk: { selfHarm: 'yes', aggression: 'no' },
        consent: { status: 'given', recordedAt: '2026-11-18' },
        contact: { role: 'Community clinician', name: 'Sam Invented' },
      },
    });
    expect(read.notCarried.map(({ expression }) => expression)).toEqual([
      ['Bundle.entry[1].resource.authoredOn'],
    ]);
  });

  describe('understands a decision in the manner of BaRS: the receiver’s Encounter', () => {
    const MESSAGE = '01936b5e-7c40-7a10-9b2e-5d3f6a7b8c9d';
    const reference = (n: number) => ({ reference: `urn:uuid:${n}` });
    const answer = (encounter: object, focus = 4): object => ({
      resourceType: 'Bundle',
      id: 'd-78',
      meta: { versionId: '1.0.0' },
      type: 'message',
      timestamp: '2026-11-22T09:00:00Z',
      entry: [
        {
          resourceType: 'MessageHeader',
          eventCoding: {
            system: 'https://alliance-hub.example/fhir/CodeSystem/message-event',
            code: 'mta.step.decision.v1',
          },
          source: { endpoint: '/partners/nelft' },
          response: { identifier: `urn:uuid:${MESSAGE}`, code: 'ok' },
          focus: [reference(focus)],
        },
        { resourceType: 'ServiceRequest', status: 'active', intent: 'plan', subject: reference(2) },
        { resourceType: 'Patient' },
        { resourceType: 'Encounter', status: 'triaged', class: { code: 'AMB' }, subject: reference(2) },
        {
          resourceType: 'Encounter',
          meta: { lastUpdated: '2026-11-22T08:59:00Z' },
          class: { code: 'AMB' },
          subject: reference(2),
          participant: [{ individual: { display: 'Intake clinician' } }],
          ...encounter,
        },
        { resourceType: 'Organization', name: 'An invented trust' },
      ].map((resource, n) => ({ fullUrl: `urn:uuid:${n}`, resource })),
    });
    const decisionOf = (bundle: object): unknown => {
      const read = fromBundle(bundle);
      if ('outcome' in read) throw new Error(JSON.stringify(read.outcome));
      const contracts = loadContracts();
      const contract = contracts.get(read.envelope.type);
      expect(contract && contracts.validate(contract, read.envelope)).toEqual([]);
      expect(read.envelope).toMatchObject({ causationid: MESSAGE, source: '/partners/nelft' });
      return read.envelope.data;
    };
    const by = { decidedAt: '2026-11-22T08:59:00Z', decidedBy: 'Intake clinician' };

    it.each<[string, object, object]>([
      ['planned', { status: 'planned' }, { decision: 'accepted-waiting' }],
      [
        'in-progress',
        { status: 'in-progress', period: { start: '2026-12-01T09:00:00+00:00' } },
        { decision: 'accepted', ownerFrom: '2026-12-01' },
      ],
      [
        'cancelled for want of a resource',
        {
          status: 'cancelled',
          reasonCode: [
            {
              coding: [{ system: 'https://fhir.nhs.uk/CodeSystem/rejected-reasons-bars', code: 'RRNA' }],
              text: 'Nobody is free before spring.',
            },
          ],
        },
        {
          decision: 'declined',
          reason: 'no-capacity',
          alternative: { kind: 'keep-with-sender', description: 'Nobody is free before spring.' },
        },
      ],
      [
        'cancelled for a reason that is on no list of ours',
        {
          status: 'cancelled',
          reasonCode: [{ coding: [{ system: 'urn:x', code: 'FC' }], text: 'No contact.' }],
        },
        { decision: 'declined', reason: 'other' },
      ],
    ])('%s', (_what, encounter, decision) => {
      expect(decisionOf(answer(encounter))).toMatchObject({ ...by, ...decision });
    });

    it('is the last Encounter, also where the focus is the ServiceRequest', () => {
      expect(decisionOf(answer({ status: 'planned' }, 1))).toMatchObject({ decision: 'accepted-waiting' });
    });

    it('and its sender hears what of the answer, and what of the request that it repeats, is not read', () => {
      const reason = { coding: [{ system: 'urn:x', code: 'FC' }], text: 'No contact.' };
      const read = fromBundle(answer({ status: 'cancelled', reasonCode: [reason] }));
      expect('notCarried' in read && read.notCarried.flatMap(({ expression }) => expression)).toEqual([
        'Bundle.entry[1].resource',
        'Bundle.entry[3].resource',
        ...['reasonCode[0].coding', 'class', 'subject'].map((each) => `Bundle.entry[4].resource.${each}`),
        'Bundle.entry[5].resource',
      ]);
    });

    it('is refused with a status that decides nothing', () => {
      expect(fromBundle(answer({ status: 'finished' }))).toMatchObject({
        outcome: {
          issue: [{ code: 'code-invalid', expression: ['Bundle.entry[4].resource.status'] }],
        },
      });
    });
  });
});
