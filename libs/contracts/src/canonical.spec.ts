import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { canonicalBytes } from './canonical.js';
import type { Envelope } from './envelope.js';

const envelope: Envelope = {
  specversion: '1.0',
  id: 'a-1',
  source: '/partners/salus',
  type: 'mta.outcome.measure.v1',
  data: { b: 1.0, a: ['é', 10e-7] },
};

const { data: _data, ...withoutData } = envelope;

describe('canonicalBytes', () => {
  it('writes the canonical JSON of RFC 8785', () => {
    expect(canonicalBytes(envelope).toString('utf8')).toBe(
      '{"data":{"a":["é",0.000001],"b":1},"id":"a-1","source":"/partners/salus","specversion":"1.0","type":"mta.outcome.measure.v1"}',
    );
  });

  it('is the same whatever the order of keys, and after a round trip through JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (data) => {
        const turned = Object.fromEntries(Object.entries(data).reverse());
        const again: unknown = JSON.parse(JSON.stringify({ data: turned, ...withoutData }));
        expect(canonicalBytes(again as Envelope)).toEqual(canonicalBytes({ ...envelope, data }));
      }),
    );
  });

  it.each([
    ['time', '2026-11-20T10:00:00Z'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['tracestate', 'a=1'],
  ])('leaves %s out, which a second try may set anew', (attribute, value) => {
    expect(canonicalBytes({ ...envelope, [attribute]: value })).toEqual(canonicalBytes(envelope));
  });

  it.each([
    ['id', 'a-2'],
    ['caseref', 'MTA-7KQ4-M2XV-9'],
    ['testflag', true],
    ['data', { b: 2, a: ['é', 10e-7] }],
  ])('differs when %s differs', (attribute, value) => {
    expect(canonicalBytes({ ...envelope, [attribute]: value })).not.toEqual(canonicalBytes(envelope));
  });
});
