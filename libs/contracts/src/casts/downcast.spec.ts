import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Contract } from '../contract.js';
import { loadContracts, type Contracts } from '../contracts.js';
import type { Envelope } from '../envelope.js';
import { CASTS, downcast, type Cast } from './downcast.js';

const contracts = loadContracts();

/** `outcome.measure` at majors 1 to 3, as it might come to be. */
const measure = contracts.get('mta.outcome.measure.v1')!;
const majors: Contract[] = [1, 2, 3].map((major) => ({
  ...measure,
  major,
  name: `mta.outcome.measure.v${major}`,
}));
const later: Contracts = { ...contracts, byType: () => majors };
const casts: Cast[] = [
  {
    type: 'outcome.measure',
    from: 3,
    data: (data) => ({ ...(data as object), via2: true }),
    loss: ['/third'],
  },
  {
    type: 'outcome.measure',
    from: 2,
    data: (data) => ({ ...(data as object), via1: true }),
    loss: ['/second'],
  },
];
const envelope: Envelope = {
  specversion: '1.0',
  id: 'a-1',
  source: '/partners/salus',
  type: 'mta.outcome.measure.v3',
  dataschema: '/contracts/outcome.measure/3.0',
  data: { score: 1 },
};

describe('downcast', () => {
  it('gives every message of today unchanged to a partner that reads it, and none to one that does not', () => {
    const reads = fc.subarray(contracts.all.map((contract) => `${contract.type}.v${contract.major}`));
    fc.assert(
      fc.property(fc.constantFrom(...contracts.all), reads, fc.jsonValue(), (contract, read, data) => {
        const message: Envelope = { ...envelope, type: contract.name, data };
        const cast = downcast(contracts, contract, read, message);
        if (read.includes(`${contract.type}.v${contract.major}`))
          expect(cast).toEqual({ envelope: message, loss: [] });
        else expect(cast).toBeUndefined();
      }),
    );
  });

  it('walks down from neighbour to neighbour and adds up the loss', () => {
    const cast = downcast(later, majors[2]!, ['outcome.measure.v1'], envelope, casts);
    expect(cast?.envelope).toMatchObject({
      type: 'mta.outcome.measure.v1',
      data: { score: 1, via2: true, via1: true },
    });
    expect(cast?.envelope.dataschema).toBeUndefined();
    expect(cast?.loss).toEqual(['/third', '/second']);
    expect(envelope.data).toEqual({ score: 1 });
  });

  it('stops at the highest version that the partner reads', () => {
    const cast = downcast(later, majors[2]!, ['outcome.measure.v1', 'outcome.measure.v2'], envelope, casts);
    expect(cast?.envelope.type).toBe('mta.outcome.measure.v2');
    expect(cast?.loss).toEqual(['/third']);
  });

  it('gives nothing where a step is missing', () => {
    expect(downcast(later, majors[2]!, ['outcome.measure.v1'], envelope, casts.slice(0, 1))).toBeUndefined();
  });

  it('has a step between all neighbours that there are', () => {
    const needed = contracts.all.filter((contract) => contract.major > 1);
    for (const { type, major } of needed)
      expect(CASTS.some((cast) => cast.type === type && cast.from === major)).toBe(true);
    expect(CASTS).toHaveLength(needed.length);
  });
});
