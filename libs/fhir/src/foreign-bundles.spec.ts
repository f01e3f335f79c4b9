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
  });
});
