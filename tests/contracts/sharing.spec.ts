import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compileValidator,
  eachProperty,
  loadAlliance,
  loadContracts,
  projectRoot,
  PURPOSES,
  SENSITIVITIES,
  SHARING_BASES,
  type Agreement,
  type ConsentStatement,
  type Contract,
  type Envelope,
  type JsonSchema,
  type Sensitivity,
} from '#contracts';
import { decideSharing, type Permit, type SharingInput } from '../../apps/hub/src/dispatch/consent.js';
import { deriveSchema } from '../../apps/hub/src/dispatch/derive-schema.js';
import { minimise } from '../../apps/hub/src/dispatch/minimise.js';
import { permitFor } from '../support/permit-for.js';

const contracts = loadContracts();
const partners = loadAlliance().partners.map(({ id }) => id);
const DAY = '2026-11-20';

/** Every valid example of a contract; what a property leaves out of one is still valid only if nothing asks for it. */
function examplesOf({ type, major }: Contract): Envelope[] {
  const folder = join(projectRoot(), 'schemas', type, `v${major}.examples`, 'valid');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Envelope);
}

const agreementFor = (partner: string): fc.Arbitrary<Agreement> =>
  fc.record({
    id: fc.constant(`${partner}-x`),
    partner: fc.constant(partner),
    purposes: fc.subarray([...PURPOSES]),
    sensitivity: fc.constantFrom(...SENSITIVITIES),
    from: fc.constantFrom('2026-04-01', '2027-04-01'),
  });
const aStatement: fc.Arbitrary<ConsentStatement> = fc.record({
  status: fc.constantFrom('given', 'refused', 'withdrawn', 'limited', 'expired'),
  party: fc.constantFrom('*', 'salus', 'ylf'),
  dataClass: fc.constantFrom('*', 'care', 'risk', 'operational'),
  purpose: fc.constantFrom('*', ...PURPOSES),
});

/** What may be asked of sharing about one message: any partner, agreement, basis and things said. */
const aQuestion = (contract: Contract): fc.Arbitrary<SharingInput> =>
  fc.constantFrom(...partners).chain((partner) =>
    fc.record({
      contract: fc.constant(contract),
      basis: fc.option(fc.constantFrom(...SHARING_BASES), { nil: undefined }),
      overridereason: fc.option(fc.constant('a reason'), { nil: undefined }),
      statements: fc.array(aStatement, { maxLength: 4 }),
      partner: fc.constant(partner),
      agreements: fc.array(agreementFor(partner), { maxLength: 1 }),
      date: fc.constant(DAY),
      restricted: fc.boolean(),
    }),
  );

describe.each(contracts.all.map((contract) => [contract.name, contract] as const))(
  '%s',
  (_name, contract) => {
    const annotated = new Map(
      [...eachProperty(contract.schema)].map((each) => [`/data${each.pointer}`, each.schema]),
    );
    const check = compileValidator(contract.schema);
    const bodies = fc.constantFrom(...examplesOf(contract)).chain((example) => thinned(example, check));

    it('leaves for nobody but with fields that the permit covers, each accounted for, in the shape that the recipient knows', () => {
      const validators = new Map<string, ReturnType<typeof compileValidator>>();
      fc.assert(
        fc.property(bodies, aQuestion(contract), (message, question) => {
          const sharing = decideSharing(question);
          if (sharing.action !== 'send') return;
          const { permit } = sharing;
          const copy = minimise(contract, message, permit, { deliveryid: 'd', messageId: 'm' });
          const held = leaves(copy.message?.data ?? {}, '/data').filter(
            ([, value]) => !isEmptyRoot(value, copy.message?.data),
          );

          // Nothing outside the purposes, above the cap or that would tell where a restricted person is.
          for (const [pointer] of held)
            for (const each of prefixes(pointer)) expect(covers(permit, annotated.get(each))).toBe(true);

          // Held and left out are the original, each place once.
          const gone = copy.leftOut.map(({ pointer }) => pointer);
          const under = (pointer: string): boolean =>
            gone.some((each) => pointer === each || pointer.startsWith(`${each}/`));
          const whole = [...new Set(leaves(message.data, '/data').map(([pointer]) => pointer))];
          const kept = copy.fields.filter((pointer) => pointer.startsWith('/data'));
          expect(whole.filter((pointer) => !under(pointer)).sort()).toEqual([...kept].sort());
          expect(kept.some(under)).toBe(false);
          if (!copy.message) return;
          expect([...new Set(held.map(([pointer]) => pointer))].sort()).toEqual([...kept].sort());

          const key = JSON.stringify(permit);
          const validate = validators.get(key) ?? compileValidator(deriveSchema(contract, permit));
          validators.set(key, validate);
          expect(validate(copy.message.data, '/data')).toEqual([]);
        }),
        { numRuns: 100 },
      );
    });

    it('is known to a recipient without what may not leave', () => {
      fc.assert(
        fc.property(aQuestion(contract), (question) => {
          const sharing = decideSharing(question);
          if (sharing.action !== 'send') return;
          const derived = deriveSchema(contract, sharing.permit);
          for (const { pointer } of eachProperty(derived))
            expect(covers(sharing.permit, annotated.get(`/data${pointer}`))).toBe(true);
        }),
        { numRuns: 40 },
      );
    });
  },
);

describe('the derived schema', () => {
  it('refuses a copy that holds what may not leave', () => {
    const contract = contracts.byType('step-up.requested').at(-1) as Contract;
    const permit = { partner: 'salus', purposes: ['operations'], sensitivityCap: 'S1' } as unknown as Permit;
    const [example] = examplesOf(contract);
    expect(compileValidator(deriveSchema(contract, permit))(example?.data, '/data')).not.toEqual([]);
  });
});

it('tells only those who give care which services a case is with', () => {
  const contract = contracts.byType('consent.changed').at(-1) as Contract;
  const [message] = examplesOf(contract);
  const scopeFor = (partner: string) =>
    minimise(contract, message as Envelope, permitFor(partner, contract), { deliveryid: 'd', messageId: 'm' })
      .message?.data;
  for (const partner of ['kooth', 'referrers']) {
    expect(scopeFor(partner)).toMatchObject({ status: expect.any(String), instruction: expect.any(String) });
    expect(scopeFor(partner)).not.toHaveProperty('scope');
  }
  expect(scopeFor('salus')).toHaveProperty('scope');
});

/** The example with any of its members taken away, as long as the contract still holds. */
function thinned(example: Envelope, check: ReturnType<typeof compileValidator>): fc.Arbitrary<Envelope> {
  const places = leaves(example.data, '', false).map(([pointer]) => pointer);
  return fc.subarray(places, { maxLength: Math.min(4, places.length) }).map((without) => {
    const thin = without.reduce((data, pointer) => {
      const less = structuredClone(data);
      remove(less, pointer.split('/').slice(1));
      return check(less, '/data').length === 0 ? less : data;
    }, example.data);
    return { ...example, data: thin };
  });
}

function remove(value: unknown, [key = '', ...rest]: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (rest.length > 0) remove((value as Record<string, unknown>)[key], rest);
  else if (Array.isArray(value)) value.splice(Number(key), 1);
  else Reflect.deleteProperty(value, key);
}

/** Pointer and value of every leaf; an empty list or object is one. `stars`: elements of lists share a pointer. */
function leaves(value: unknown, pointer: string, stars = true): [string, unknown][] {
  const inside = Array.isArray(value)
    ? value.flatMap((item, index) => leaves(item, `${pointer}/${stars ? '*' : index}`, stars))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, member]) => leaves(member, `${pointer}/${key}`, stars))
      : [];
  return inside.length > 0 ? inside : [[pointer, value]];
}

/** A body that lost all is an empty object, which holds nothing. */
function isEmptyRoot(value: unknown, data: unknown): boolean {
  return value === data && typeof data === 'object';
}

function prefixes(pointer: string): string[] {
  const segments = pointer.split('/').slice(1);
  return segments
    .map((_, end) => `/${segments.slice(0, end + 1).join('/')}`)
    .filter((each) => each !== '/data' && !each.endsWith('/*'));
}

function covers({ purposes, sensitivityCap, restricted }: Permit, schema: JsonSchema | undefined): boolean {
  return (
    schema !== undefined &&
    (schema['x-purposes'] as string[]).some((purpose) => purposes.includes(purpose)) &&
    (schema['x-sensitivity'] as Sensitivity) <= sensitivityCap &&
    !(restricted && schema['x-locates'] === true)
  );
}
