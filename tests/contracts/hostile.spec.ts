import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { checkLimits, loadContracts, MOST_VIOLATIONS, projectRoot, type Envelope } from '#contracts';

const contracts = loadContracts();
const PLANTED = 'Robin Planted';

/** Every valid example, as JSON. */
const examples = contracts.all.flatMap((contract) => {
  const folder = join(projectRoot(), 'schemas', contract.type, `v${contract.major}.examples/valid`);
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
});

/** A value that no contract expects, with the planted name as text, as key, or both. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(PLANTED, null, 1e300, [], [[PLANTED]], { [PLANTED]: PLANTED }, `${PLANTED}\u0000`),
  fc.jsonValue(),
);

/** Puts a value somewhere in a message: at a place that is there, or beside it under a planted key. */
function disturb(message: unknown, choices: number[], value: unknown): void {
  let here = message as Record<string, unknown>;
  for (const choice of choices) {
    const keys = Object.keys(here);
    const key = choice % 7 === 0 ? PLANTED : keys[choice % keys.length];
    if (key === undefined) return;
    const next = here[key];
    if (typeof next !== 'object' || next === null) return void (here[key] = value);
    here = next as Record<string, unknown>;
  }
}

describe('a hostile message', () => {
  it('gets a bounded answer that holds none of its values, and none of its keys but in the pointer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...examples),
        fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }),
        hostile,
        (example, choices, value) => {
          const message = JSON.parse(example) as Envelope;
          const contract = contracts.get(message.type)!;
          disturb(message, choices, value);
          for (const found of [contracts.validateEnvelope(message), contracts.validate(contract, message)]) {
            expect(found.length).toBeLessThanOrEqual(MOST_VIOLATIONS);
            const kept = found.map(({ keyword, message: says, schemaPath }) => [keyword, says, schemaPath]);
            expect(JSON.stringify(kept)).not.toContain(PLANTED);
          }
          for (const fact of Object.values(contracts.factsOf(contract, message)))
            expect(['string', 'number', 'boolean']).toContain(typeof fact);
          expect(Array.isArray(contracts.consentStatementsOf(contract, message))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is turned away by the limits before any schema sees it, however it is nested', () => {
    fc.assert(
      fc.property(fc.integer({ min: 33, max: 5000 }), fc.boolean(), (depth, list) => {
        const text = list
          ? '['.repeat(depth) + ']'.repeat(depth)
          : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
        expect(checkLimits({ data: JSON.parse(text) as unknown })).toMatchObject({ keyword: 'depth' });
      }),
      { numRuns: 30 },
    );
  });
});
