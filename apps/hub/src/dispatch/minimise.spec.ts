import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  PURPOSES,
  SENSITIVITIES,
  eachProperty,
  loadContracts,
  type Contract,
  type Envelope,
  type JsonSchema,
  type Sensitivity,
} from '#contracts';
import type { Permit } from './consent.js';
import { minimise, type Copy } from './minimise.js';

const contracts = loadContracts().all;

/** Tests make permits by hand; in the hub only `decideSharing` does. */
function aPermit(
  purposes: readonly string[],
  sensitivityCap: Sensitivity,
  refuseAbove?: Sensitivity,
): Permit {
  return {
    partner: 'salus',
    purposes,
    sensitivityCap,
    ...(refuseAbove && { refuseAbove }),
  } as unknown as Permit;
}
const EVERYTHING = aPermit(PURPOSES, 'S4');

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const copy: Copy = {
  deliveryid: 'delivery-1',
  messageId: 'message-1',
  caseref: 'MTA-7K2Q-9XWD-4',
  caseseq: 3,
};

function anEnvelope(data: unknown, deviation: Partial<Envelope> = {}): Envelope {
  return {
    specversion: '1.0',
    id: 'theirs',
    source: '/partners/ylf',
    type: 'mta.note.taken.v1',
    data,
    ...deviation,
  };
}

const property = (sensitivity: Sensitivity, purposes: string[], more: JsonSchema = {}): JsonSchema => ({
  ...more,
  'x-sensitivity': sensitivity,
  'x-purposes': purposes,
});
function aContract(properties: Record<string, JsonSchema>, safety = false): Contract {
  return { type: 'note.taken', safety, schema: { type: 'object', properties } } as unknown as Contract;
}
const note = aContract({
  to: property('S1', ['operations', 'safety']),
  person: property('S2', ['direct-care', 'safety'], {
    properties: {
      name: property('S2', ['direct-care', 'safety']),
      address: property('S3', ['direct-care']),
    },
  }),
  needs: property('S2', ['direct-care', 'operations'], {
    items: {
      properties: {
        kind: property('S2', ['operations', 'direct-care']),
        detail: property('S4', ['direct-care']),
      },
    },
  }),
  forgotten: { type: 'string' },
});
const noted = {
  to: 'mentoring-peer',
  person: { name: 'Ada', address: '1 Test Road' },
  needs: [
    { kind: 'SEND', detail: 'x' },
    { kind: 'physical', detail: 'y' },
  ],
};

describe('a copy', () => {
  it('holds what its purposes cover and the cap allows, and says what was left out', () => {
    const { message, leftOut, highest } = minimise(
      note,
      anEnvelope(noted),
      aPermit(['operations'], 'S2'),
      copy,
    );
    expect(message?.data).toEqual({ to: 'mentoring-peer', needs: [{ kind: 'SEND' }, { kind: 'physical' }] });
    expect(leftOut).toEqual([
      { pointer: '/data/person', why: 'purpose' },
      { pointer: '/data/needs/*/detail', why: 'purpose' },
    ]);
    expect(highest).toBe('S2');
  });

  it('names the cap where a purpose would have allowed it', () => {
    const { leftOut } = minimise(note, anEnvelope(noted), aPermit(['direct-care'], 'S2'), copy);
    expect(leftOut).toContainEqual({ pointer: '/data/person/address', why: 'sensitivity' });
  });

  it('leaves no shell that tells that something was there', () => {
    const { message } = minimise(
      note,
      anEnvelope({ person: { address: '1 Test Road' } }),
      aPermit(['safety'], 'S4'),
      copy,
    );
    expect(message?.data).toEqual({});
  });

  it('keeps what was empty from the start', () => {
    const { message } = minimise(note, anEnvelope({ needs: [], person: {} }), EVERYTHING, copy);
    expect(message?.data).toEqual({ needs: [], person: {} });
  });

  it('never lets out a property without annotation, or one that no contract names', () => {
    const data = { forgotten: 'x', invented: 'y', person: { invented: 'z' } };
    const { message, leftOut } = minimise(note, anEnvelope(data), EVERYTHING, copy);
    expect(message?.data).toEqual({});
    expect(leftOut).toEqual([
      { pointer: '/data/forgotten', why: 'purpose' },
      { pointer: '/data/*', why: 'not-in-contract' },
      { pointer: '/data/person/*', why: 'not-in-contract' },
    ]);
  });

  it('lets a safety message out with what its contract does not describe', () => {
    const alert = aContract(
      { concern: property('S4', ['safety']), note: property('S4', ['direct-care']) },
      true,
    );
    const data = { concern: { said: 'x' }, whereabouts: ['y'], note: 'z' };
    const { message } = minimise(alert, anEnvelope(data), aPermit(['safety'], 'S4'), copy);
    expect(message?.data).toEqual({ concern: { said: 'x' }, whereabouts: ['y'] });
    expect(minimise(alert, anEnvelope('a text'), aPermit(['safety'], 'S4'), copy).message?.data).toBe(
      'a text',
    );
  });

  it('lets no key of a safety message reach the prototype of what leaves', () => {
    const alert = aContract({ concern: property('S4', ['safety']) }, true);
    const data = JSON.parse('{"concern":"x","__proto__":{"polluted":true}}') as unknown;
    const { message } = minimise(alert, anEnvelope(data), aPermit(['safety'], 'S4'), copy);
    expect(message?.data).toEqual({ concern: 'x' });
    expect(message?.data).not.toHaveProperty('polluted');
  });

  it('is not made at all where the basis allows less than the body holds', () => {
    const low = aPermit(['operations'], 'S4', 'S1');
    expect(minimise(note, anEnvelope({ to: 'mentoring-peer' }), low, copy).message?.data).toEqual({
      to: 'mentoring-peer',
    });
    const refused = minimise(note, anEnvelope(noted), low, copy);
    expect(refused).toMatchObject({ code: 'consent/above-basis', highest: 'S2' });
    expect(refused.message).toBeUndefined();
  });
});

describe('the envelope of a copy', () => {
  const sent = anEnvelope(
    {},
    {
      subject: 'S-1',
      partnercaseref: 'ylf-77',
      overridereason: 'in danger',
      causationid: 'cause',
      traceparent: TRACEPARENT,
      caseref: 'theirs',
    },
  );

  it('carries our id, the delivery and the recipient’s own reference, never the sender’s', () => {
    const { message } = minimise(note, sent, aPermit(['operations'], 'S1'), {
      ...copy,
      partnercaseref: 'salus-5',
    });
    expect(message).toEqual({
      specversion: '1.0',
      id: 'message-1',
      source: '/partners/ylf',
      type: 'mta.note.taken.v1',
      subject: 'S-1',
      caseref: 'MTA-7K2Q-9XWD-4',
      partnercaseref: 'salus-5',
      causationid: 'cause',
      traceparent: TRACEPARENT,
      deliveryid: 'delivery-1',
      caseseq: 3,
      data: {},
    });
    expect(minimise(note, sent, EVERYTHING, copy).message).not.toHaveProperty('partnercaseref');
  });

  it('says why consent was overridden only to who has it for safety', () => {
    expect(minimise(note, sent, aPermit(['safety'], 'S4'), copy).message?.overridereason).toBe('in danger');
    expect(minimise(note, sent, aPermit(['operations'], 'S4'), copy).message).not.toHaveProperty(
      'overridereason',
    );
  });

  it('keeps the pseudonym from who may have nothing of a person', () => {
    expect(minimise(note, sent, aPermit(['operations'], 'S0'), copy).message).not.toHaveProperty('subject');
  });

  it.each([
    ['subject', '9990000018'],
    ['traceparent', 'Robin Example'],
    ['tracestate', 'child=Robin-Example'],
  ])('carries no %s by which somebody could be told', (name, told) => {
    const [contract] = contracts;
    const made = minimise(contract as Contract, anEnvelope({}, { [name]: told }), EVERYTHING, copy);
    expect(made.message).toMatchObject({ deliveryid: copy.deliveryid, data: {} });
    expect(JSON.stringify(made.message)).not.toContain(told);
  });

  it('carries no attribute that is not named here', () => {
    const odd = { ...sent, secret: 'x' } as Envelope;
    expect(JSON.stringify(minimise(note, odd, EVERYTHING, copy))).not.toContain('secret');
  });
});

describe.each(contracts.map((contract) => [contract.type, contract] as const))('%s', (_type, contract) => {
  const permits = fc
    .tuple(fc.subarray([...PURPOSES]), fc.constantFrom(...SENSITIVITIES))
    .map(([purposes, cap]) => aPermit(purposes, cap));

  it('gives a recipient exactly the fields that its purposes and cap cover', () => {
    const annotated = new Map([...eachProperty(contract.schema)].map((each) => [each.pointer, each.schema]));
    fc.assert(
      fc.property(bodyOf(contract.schema), permits, (data, permit) => {
        const { message, highest } = minimise(contract, anEnvelope(data), permit, copy);
        const allowed = leaves(data).filter(([pointer]) =>
          prefixes(pointer).every(
            (each) => !annotated.has(each) || covers(permit, annotated.get(each) as JsonSchema),
          ),
        );
        // Each leaf's value is its own, so a leaf that leaves at a wrong place is seen too.
        expect(leaves(message?.data).map(([, value]) => value)).toEqual(allowed.map(([, value]) => value));
        expect(highest <= permit.sensitivityCap).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is not changed by it, and shares no list or object with what leaves', () => {
    fc.assert(
      fc.property(bodyOf(contract.schema), permits, (data, permit) => {
        const before = structuredClone(data);
        const { message } = minimise(contract, anEnvelope(data), permit, copy);
        for (const part of parts(message?.data))
          Object.keys(part).forEach((key) => Reflect.deleteProperty(part, key));
        expect(data).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });
});

/** A body of this schema's shape with any of its members, every leaf a value of its own. Types and limits do not matter here. */
function bodyOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  let count = 0;
  const body = (of: JsonSchema): fc.Arbitrary<unknown> => {
    if (of['properties'])
      return fc.record(
        Object.fromEntries(
          Object.entries(of['properties'] as Record<string, JsonSchema>).map(([key, each]) => [
            key,
            body(each),
          ]),
        ),
        { requiredKeys: [] },
      );
    if (of['items']) return fc.array(body(of['items'] as JsonSchema), { maxLength: 2 });
    return fc.nat(3).map(() => `leaf-${count++}`);
  };
  return body(schema);
}

/** Pointer (elements as `*`) and value of every leaf, in order. */
function leaves(value: unknown, pointer = ''): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${pointer}/*`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, member]) => leaves(member, `${pointer}/${key}`));
  return [[pointer, value]];
}

function prefixes(pointer: string): string[] {
  const segments = pointer.split('/').slice(1);
  return segments.map((_, end) => `/${segments.slice(0, end + 1).join('/')}`);
}

function covers(permit: Permit, schema: JsonSchema): boolean {
  const purposes = schema['x-purposes'] as string[];
  return (
    purposes.some((purpose) => permit.purposes.includes(purpose)) &&
    (schema['x-sensitivity'] as Sensitivity) <= permit.sensitivityCap
  );
}

function parts(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.values(value).flatMap(parts), value];
}
