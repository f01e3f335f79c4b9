import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { loadContracts, projectRoot, type Contract, type Envelope, type Violation } from '#contracts';

const contracts = loadContracts();

/** Every example of one kind: its name and its envelope. */
function examples(contract: Contract, kind: 'valid' | 'invalid'): [name: string, envelope: Envelope][] {
  const folder = join(examplesFolder(contract), kind);
  return (existsSync(folder) ? readdirSync(folder) : []).map((file) => [
    file,
    readJson(join(folder, file)) as Envelope,
  ]);
}
const examplesFolder = (contract: Contract): string =>
  join(projectRoot(), 'schemas', contract.type, `v${contract.major}.examples`);
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function violations(contract: Contract, envelope: Envelope): Violation[] {
  return [...contracts.validateEnvelope(envelope), ...contracts.validate(contract, envelope)];
}

describe.each(contracts.all.map((contract) => [contract.name, contract] as const))(
  '%s',
  (_name, contract) => {
    const valid = examples(contract, 'valid');
    const invalid = examples(contract, 'invalid');
    const expected = readJson(join(examplesFolder(contract), 'invalid.expected.json')) as Record<
      string,
      { pointer: string; keyword: string }
    >;

    it('has at least three valid and five invalid examples, each invalid one with its expectation', () => {
      expect(valid.length).toBeGreaterThanOrEqual(3);
      expect(invalid.length).toBeGreaterThanOrEqual(5);
      expect(invalid.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
    });

    it.each(valid)('takes %s', (_file, envelope) => {
      expect(envelope.type).toBe(contract.name);
      expect(violations(contract, envelope)).toEqual([]);
    });

    it.each(invalid)('refuses %s for that reason alone', (file, envelope) => {
      const found = violations(contract, envelope).map(({ pointer, keyword }) => ({ pointer, keyword }));
      expect(found).toEqual([expected[file]]);
    });
  },
);
