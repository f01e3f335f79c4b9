import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { MeshArrival } from '#channels/mesh.js';
import { fromBundle } from '#fhir';
import { contentTypeOf, saidBy, sortOf, toAck, toMeshMessage, TOO_LARGE } from './map.js';
import { aCarriedDecision as message } from '../../../../tests/support/carried-decision.js';

const sample = (name: string): Buffer => readFileSync(new URL(`./samples/${name}`, import.meta.url));
const arrival = (more: Partial<MeshArrival> = {}): MeshArrival => ({
  id: '20260401_ABC',
  kind: 'DATA',
  from: 'CAMHS01',
  workflow: 'MTA_REFERRAL',
  localId: 'theirs-1',
  linkedId: '',
  statusCode: '00',
  contentType: 'application/fhir+json',
  body: Buffer.from('{}'),
  ...more,
});

describe('the message to CAMHS', () => {
  it('holds the whole copy, and says outside of it nothing but the delivery', () => {
    const { body, ...headers } = toMeshMessage('CAMHS01', message);
    expect(headers).toEqual({
      to: 'CAMHS01',
      workflow: 'MTA_REFERRAL',
      localId: message.deliveryid,
      contentType: 'application/fhir+json',
    });
    expect(fromBundle(JSON.parse(body.toString()))).toMatchObject({ envelope: message });
  });
});

describe('the answer to CAMHS', () => {
  it('names their message as they do', () => {
    expect(toAck('CAMHS01', arrival(), '{"a":1}')).toEqual({
      to: 'CAMHS01',
      workflow: 'MTA_REFERRAL_ACK',
      localId: 'theirs-1',
      contentType: 'application/fhir+json',
      body: Buffer.from('{"a":1}'),
    });
  });

  it.each(['', 'Robin Example, 2014', 'x'.repeat(200)])(
    'repeats no name that could tell more (%s)',
    (localId) => {
      expect(toAck('CAMHS01', arrival({ localId }), '').localId).toBe('20260401_ABC');
    },
  );

  it('to what is too large tells to telephone', () => {
    expect(TOO_LARGE).toMatch(/telephone now/);
    expect(saidBy(Buffer.from(TOO_LARGE))).toBe('refused');
  });
});

describe('what lies in our mailbox', () => {
  it.each<[string, Partial<MeshArrival>, string]>([
    ['a message', {}, 'data'],
    ['a message in small letters', { from: 'camhs01' }, 'data'],
    ['an answer', { workflow: 'MTA_REFERRAL_ACK' }, 'ack'],
    ['a report', { kind: 'REPORT', from: '' }, 'report'],
    ['a message from elsewhere', { from: 'X26ABC9' }, 'foreign'],
    ['an answer from elsewhere', { from: '', workflow: 'MTA_REFERRAL_ACK' }, 'foreign'],
    ['another workflow', { workflow: 'PATH_MEDRPT_V3' }, 'foreign'],
    ['a part of a message', { body: 'incomplete' }, 'incomplete'],
    ['a message that is too large', { body: 'too-large' }, 'data'],
  ])('%s is known', (_name, more, sort) => {
    expect(sortOf(arrival(more), 'CAMHS01')).toBe(sort);
  });

  it.each([
    ['{"a":1}', 'application/fhir+json'],
    ['<Bundle xmlns="http://hl7.org/fhir"/>', 'application/fhir+xml'],
    ['\uFEFF\n <?xml version="1.0"?>', 'application/fhir+xml'],
    ['', 'application/fhir+json'],
  ])('%j is %s', (body, type) => {
    expect(contentTypeOf(Buffer.from(body))).toBe(type);
  });
});

describe('what CAMHS says of a copy', () => {
  it.each([
    ['taken.json', 'taken'],
    ['taken-bundle.json', 'taken'],
    ['duplicate.json', 'taken'],
    ['refused.json', 'refused'],
  ])('%s: %s', (name, said) => {
    expect(saidBy(sample(name))).toBe(said);
  });

  it.each([
    ['', 'unreadable'],
    ['<ack/>', 'unreadable'],
    ['null', 'unreadable'],
    ['"ok"', 'unreadable'],
    ['{"resourceType":"Patient"}', 'unreadable'],
    ['{"resourceType":"OperationOutcome"}', 'refused'],
    ['{"resourceType":"OperationOutcome","issue":[null]}', 'refused'],
    ['{"resourceType":"Bundle","entry":[]}', 'unreadable'],
    ['{"resourceType":"Bundle","entry":[null]}', 'unreadable'],
  ])('%j: %s', (body, said) => {
    expect(saidBy(Buffer.from(body))).toBe(said);
  });
});
