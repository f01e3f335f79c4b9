import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import fc from 'fast-check';
import type * as fhir4 from 'fhir/r4.js';
import { fromBundle } from './from-bundle.js';
import { assemble, leavesOf, type Leaves } from './leaves.js';
import { REPRESENTATIONS } from './representations.js';
import { hasFhirForm, toBundle } from './to-bundle.js';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);

/** Every valid example of every contract that has a FHIR form. */
const examples = Object.keys(REPRESENTATIONS).flatMap((type) => {
  const folder = new URL(`${type.slice('mta.'.length, -'.v1'.length)}/v1.examples/valid/`, SCHEMAS);
  return readdirSync(folder).map((name) => {
    const envelope = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Envelope;
    return { title: `${type} ${name}`, envelope };
  });
});
const overTheWire = (envelope: Envelope): unknown => JSON.parse(JSON.stringify(toBundle(envelope)));
/** The message as the other side reads it, or the refusal. */
const thereAndBack = (envelope: Envelope): unknown => {
  const read = fromBundle(overTheWire(envelope));
  return 'outcome' in read ? read.outcome : read.envelope;
};
const example = (title: string): Envelope => {
  const found = examples.find((each) => each.title === title);
  if (!found) throw new Error(`no example ${title}`);
  return structuredClone(found.envelope);
};
const resources = (envelope: Envelope): fhir4.FhirResource[] =>
  (toBundle(envelope).entry ?? []).flatMap((entry) => entry.resource ?? []);

describe('toBundle', () => {
  it('has at least three valid examples of each contract to carry', () => {
    for (const type of Object.keys(REPRESENTATIONS)) {
      expect(examples.filter((each) => each.title.startsWith(`${type} `)).length).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(examples)('carries the same message there and back: $title', ({ envelope }) => {
    expect(thereAndBack(envelope)).toEqual(envelope);
  });

  it('carries what the hub adds to a copy and what a sender may add to the envelope', () => {
    const copy = {
      ...example('mta.step-up.requested.v1 to-specialist.json'),
      id: '01936b5e-7c40-7a10-9b2e-5d3f6a7b8c9d',
      subject: 'P-8Q2',
      deliveryid: '01936b5e-7c41-7b22-8c3d-6e4f7a8b9cad',
      caseseq: 7,
      possiblerepeat: true,
      testflag: true,
      replyby: '2026-11-27T17:00:00+00:00',
      causationid: '01936b5e-7c40-7a10-9b2e-000000000001',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    };
    expect(thereAndBack(copy)).toEqual(copy);
  });

  it.each(examples)('carries whatever minimisation leaves, and any text: $title', ({ envelope }) => {
    const leaves = Array.from(leavesOf(envelope));
    const isKept = ([pointer]: [string, unknown]): boolean =>
      !pointer.startsWith('/data') || /\/(decision|outcome|continues|complete|status|state)$/.test(pointer);
    const changed = fc
      .tuple(fc.array(fc.boolean(), { minLength: leaves.length, maxLength: leaves.length }), fc.string())
      .map(([keep, text]) => {
        const left: Leaves = new Map(leaves.filter((leaf, index) => isKept(leaf) || keep[index]));
        for (const [pointer, leaf] of left)
          if (typeof leaf === 'string' && leaf.includes(' ')) left.set(pointer, text);
        return dense(assemble(left));
      });
    fc.assert(
      fc.property(changed, (message) => {
        expect(thereAndBack(message)).toEqual(message);
      }),
      { numRuns: 10 },
    );
  });

  it('keeps the items of a list in their places when FHIR has nothing to say of one of them', () => {
    const envelope = example('mta.outcome.measure.v1 review.json') as Envelope<{ scores: object[] }>;
    envelope.data.scores = [
      { scale: 'a', value: 1 },
      { scale: '', value: null },
      { scale: 'c', value: 3 },
    ];
    expect(thereAndBack(envelope)).toEqual(envelope);
  });

  it('writes the same bytes for the same message, whatever the order of its members', () => {
    const envelope = example('mta.step-down.requested.v1 from-specialist.json');
    expect(JSON.stringify(toBundle(envelope))).toBe(JSON.stringify(toBundle(structuredClone(envelope))));
    const { id } = toBundle(envelope);
    expect(toBundle({ ...envelope, id: `${id}x` }).entry?.[1]?.fullUrl).not.toBe(
      toBundle(envelope).entry?.[1]?.fullUrl,
    );
  });

  it('puts the MessageHeader first, names the message in Bundle.identifier and points to what it is about', () => {
    const bundle = toBundle(example('mta.step-up.requested.v1 to-specialist.json'));
    const header = bundle.entry?.[0]?.resource as fhir4.MessageHeader;
    expect(bundle.identifier?.value).toBe('nkm-0014');
    expect(header).toMatchObject({
      resourceType: 'MessageHeader',
      id: 'nkm-0014',
      source: { endpoint: '/partners/nkm' },
    });
    expect(header.focus?.[0]?.reference).toBe(bundle.entry?.[1]?.fullUrl);
    expect(bundle.entry?.[1]?.resource).toMatchObject({ resourceType: 'ServiceRequest', priority: 'urgent' });
  });

  it('tells a clinical reader of a risk by a Flag, and only of those that were answered with yes', () => {
    const flags = resources(example('mta.step-up.requested.v1 to-specialist.json')).filter(
      (resource) => resource.resourceType === 'Flag',
    );
    expect(flags.map((flag) => flag.code.text)).toEqual(['self harm']);
  });

  it('keeps an address and a contact route that are not safe out of the elements that any reader would use', () => {
    const envelope = example('mta.step-up.requested.v1 to-specialist.json') as Envelope<{
      person: Record<string, unknown>;
    }>;
    envelope.data.person['contactRoutes'] = [
      { kind: 'phone', value: '01632 960001', belongsTo: 'young-person', safe: 'no' },
      { kind: 'phone', value: '01632 960002', belongsTo: 'carer', safe: 'yes' },
      { kind: 'phone', value: '01632 960003', belongsTo: 'young-person', safe: 'yes' },
    ];
    const patient = resources(envelope).find((resource) => resource.resourceType === 'Patient');
    expect(patient?.address).toBeUndefined();
    expect(patient?.telecom).toEqual([{ system: 'phone', value: '01632 960003', rank: 3 }]);
    expect(thereAndBack(envelope)).toEqual(envelope);
  });

  it('answers the message that asked: response.identifier is the cause', () => {
    const envelope = example('mta.step.decision.v1 declined-with-alternative.json');
    const header = resources(envelope)[0] as fhir4.MessageHeader;
    expect(header.response).toEqual({ identifier: envelope.causationid, code: 'ok' });
    expect(resources(envelope)[1]).toMatchObject({ resourceType: 'Task', status: 'rejected' });
  });

  it('refuses a type without a FHIR form, which can be asked before', () => {
    expect(hasFhirForm('mta.step-up.requested.v1')).toBe(true);
    expect(hasFhirForm('mta.nothing.v1')).toBe(false);
    expect(hasFhirForm('__proto__')).toBe(false);
    const unknown = { ...example('mta.step-up.requested.v1 to-specialist.json'), type: 'mta.nothing.v1' };
    expect(() => toBundle(unknown)).toThrow(RangeError);
  });
});

/** Arrays that lost items in the middle close up, as they do in minimisation. */
function dense({ value: thinned }: ReturnType<typeof assemble>): Envelope {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([key, member]) => [key, close(member)] as const);
    const isList = members.length > 0 && members.every(([key]) => /^\d+$/.test(key));
    return isList ? members.map(([, member]) => member) : Object.fromEntries(members);
  };
  return { data: {}, ...(close(thinned) as object) } as Envelope;
}
