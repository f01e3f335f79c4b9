import { describe, expect, it } from '@jest/globals';
import type * as fhir4 from 'fhir/r4.js';
import { acceptedResponse, duplicateOutcome } from './accepted-response.js';
import { capabilityStatement } from './capability-statement.js';
import { operationOutcome } from './operation-outcome.js';
import { REPRESENTATIONS } from './representations.js';

const receipt = {
  messageId: '01936b5e-7c40-7a10-9b2e-5d3f6a7b8c9d',
  caseRef: 'MTA-7KQ4-M2XV-9',
  acceptedAt: '2026-11-20T10:15:00.123Z',
  deliveries: [
    { id: '01936b5e-7c41-7b22-8c3d-6e4f7a8b9cad', partner: 'nkm' },
    { id: '01936b5e-7c42-7b22-8c3d-6e4f7a8b9cad', partner: 'salus' },
  ],
  telephone: 'Telephone as well, now.',
};
const request = { id: 'b-1', event: 'mta.step-down.requested.v1', endpoint: '/partners/nelft' };
const resources = (bundle: fhir4.Bundle): fhir4.FhirResource[] =>
  (bundle.entry ?? []).map((entry) => entry.resource as fhir4.FhirResource);

describe('acceptedResponse', () => {
  it('answers the bundle that was sent, to where it came from', () => {
    const [header] = resources(acceptedResponse(receipt, request));
    expect(header).toMatchObject({
      resourceType: 'MessageHeader',
      eventCoding: { code: 'mta.step-down.requested.v1' },
      destination: [{ endpoint: '/partners/nelft' }],
      source: { endpoint: '/hub' },
      response: { identifier: 'b-1', code: 'ok' },
    });
  });

  it('answers a safety message that came without an id by the one that the hub gave it', () => {
    const { event, endpoint } = request;
    const [header] = resources(acceptedResponse(receipt, { event, endpoint }));
    expect((header as fhir4.MessageHeader).response?.identifier).toBe(receipt.messageId);
  });

  it('gives the message id, the case and each delivery in a received Task, and says to telephone', () => {
    const bundle = acceptedResponse(receipt, request);
    const task = resources(bundle)[1] as fhir4.Task;
    expect((resources(bundle)[0] as fhir4.MessageHeader).focus?.[0]?.reference).toBe(
      bundle.entry?.[1]?.fullUrl,
    );
    expect(task.status).toBe('received');
    expect(task.identifier?.[0]?.value).toBe(receipt.messageId);
    expect(task.groupIdentifier?.value).toBe('MTA-7KQ4-M2XV-9');
    expect(task.note?.[0]?.text).toBe('Telephone as well, now.');
    expect(
      task.output?.map((output) => [output.type.coding?.[0]?.code, output.valueIdentifier?.value]),
    ).toEqual([
      ['nkm', receipt.deliveries[0]?.id],
      ['salus', receipt.deliveries[1]?.id],
    ]);
  });

  it('is the same for the same receipt, byte for byte, and leaves out what is not there', () => {
    const bare = { ...receipt, caseRef: null, deliveries: [], telephone: undefined };
    expect(JSON.stringify(acceptedResponse(receipt, request))).toBe(
      JSON.stringify(acceptedResponse(receipt, request)),
    );
    const task = resources(acceptedResponse(bare, request))[1] as fhir4.Task;
    expect(Object.keys(task)).not.toEqual(expect.arrayContaining(['groupIdentifier']));
    expect(task.note ?? task.output).toBeUndefined();
  });

  it('tells the findings along', () => {
    const { issue } = operationOutcome('contract/fhir', 'two persons', 'warning');
    const bundle = acceptedResponse(receipt, request, issue);
    const [header, , findings] = resources(bundle) as [
      fhir4.MessageHeader,
      fhir4.Task,
      fhir4.OperationOutcome,
    ];
    expect(findings.issue).toEqual(issue);
    expect(header.response?.details?.reference).toBe(bundle.entry?.[2]?.fullUrl);
  });
});

describe('duplicateOutcome', () => {
  it('tells along what the first answer told, which may be lost', () => {
    const { issue } = operationOutcome('contract/fhir', 'two persons', 'warning');
    const outcome = duplicateOutcome(receipt, issue);
    expect(outcome.issue[0]?.code).toBe('duplicate');
    expect(outcome.issue.slice(-1)).toEqual(issue);
  });
});

describe('capabilityStatement', () => {
  it('names the door and every message, both ways', () => {
    const statement = capabilityStatement('https://hub.example/fhir', '0.1.0');
    const messaging = statement.messaging?.[0];
    expect(statement).toMatchObject({ fhirVersion: '4.0.1', software: { version: '0.1.0' } });
    expect(messaging?.endpoint?.[0]?.address).toBe('https://hub.example/fhir/$process-message');
    expect(messaging?.supportedMessage).toHaveLength(2 * Object.keys(REPRESENTATIONS).length);
    expect(messaging?.supportedMessage).toContainEqual({
      mode: 'receiver',
      definition: 'https://alliance-hub.example/fhir/MessageDefinition/mta.step-down.requested.v1',
    });
  });
});
