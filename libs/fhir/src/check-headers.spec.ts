import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import type { Headers } from './check-headers.js';
import { correlationOf, isDuplicate, requestIdOf } from './correlation.js';
import { fromBundle } from './from-bundle.js';
import { toBundle } from './to-bundle.js';

const exampleOf = (path: string): Envelope =>
  JSON.parse(readFileSync(new URL(`../../../schemas/${path}.json`, import.meta.url), 'utf8')) as Envelope;
const stepUp = exampleOf('step-up.requested/v1.examples/valid/to-specialist');
const ids = {
  'x-request-id': '0198c0de-0000-7000-8000-000000000001',
  'x-correlation-id': '0198c0de-0000-7000-8000-000000000002',
};

describe('the headers of a FHIR message', () => {
  it.each<[string, Headers]>([
    ['both ids', ids],
    ['any answer', { ...ids, accept: '*/*' }],
    ['our version', { ...ids, accept: 'application/fhir+json; version=1.4.0' }],
    [
      'one that we speak among others',
      { ...ids, accept: 'text/html, application/fhir+json;version="1.0.0"' },
    ],
  ])('pass with %s', (_what, headers) => {
    expect(fromBundle(toBundle(stepUp), headers)).toMatchObject({
      envelope: { id: stepUp.id },
      findings: [],
    });
  });

  it.each<[string, Headers, number, string, string]>([
    ['no request id', { ...ids, 'x-request-id': undefined }, 400, 'REC_BAD_REQUEST', 'required'],
    ['no correlation id', { ...ids, 'x-correlation-id': '' }, 400, 'REC_BAD_REQUEST', 'required'],
    ['an id that is no UUID', { ...ids, 'x-request-id': '4711' }, 400, 'REC_BAD_REQUEST', 'value'],
    [
      'a version that we do not speak',
      { ...ids, accept: 'application/fhir+json; version=2.0.0' },
      406,
      'REC_NOT_ACCEPTABLE',
      'processing',
    ],
    [
      'XML as the only answer',
      { ...ids, accept: 'application/fhir+xml' },
      406,
      'REC_NOT_ACCEPTABLE',
      'processing',
    ],
  ])('are refused with %s', (_what, headers, status, error, issue) => {
    expect(fromBundle(toBundle(stepUp), headers)).toMatchObject({
      status,
      outcome: { issue: [{ severity: 'error', code: issue, details: { coding: [{ code: error }, {}] } }] },
    });
  });

  it('keep no risk alert out: what they lack is a finding', () => {
    const alert = exampleOf('risk.alert/v1.examples/valid/identified');
    expect(fromBundle(toBundle(alert), {})).toMatchObject({
      envelope: { id: alert.id },
      findings: [
        { severity: 'warning', code: 'required' },
        { severity: 'warning', code: 'required' },
      ],
    });
  });
});

describe('the ids that we give', () => {
  it('are the same for a message that is sent again, and for all of a case', () => {
    expect(requestIdOf(stepUp)).toBe(requestIdOf(structuredClone(stepUp)));
    expect(requestIdOf({ ...stepUp, id: `${stepUp.id}x` })).not.toBe(requestIdOf(stepUp));
    expect(requestIdOf({ ...stepUp, id: ids['x-request-id'] })).toBe(ids['x-request-id']);
    const [one, other] = ['a', 'b'].map((id) => ({ id, caseref: 'MTA-0000-0000-0' }));
    expect(correlationOf(one as Envelope)).toBe(correlationOf(other as Envelope));
    expect(correlationOf({ id: 'a' })).not.toBe(correlationOf({ id: 'b' }));
  });
});

it.each([
  [409, '{"resourceType":"OperationOutcome","issue":[{"code":"duplicate"}]}', true],
  [409, '{"resourceType":"OperationOutcome","issue":[{"code":"conflict"}]}', false],
  [422, '{"resourceType":"OperationOutcome","issue":[{"code":"duplicate"}]}', false],
  [409, '<html>duplicate</html>', false],
])('%s with %s says that it was taken before: %s', (status, body, is) => {
  expect(isDuplicate(status, body)).toBe(is);
});
