import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadAlliance, loadContracts, projectRoot, type Envelope, type Finding } from '#contracts';

/** Rule, type, valid example, what is changed in it, the place and the weight of what the rule finds. */
export type Fires = [
  rule: string,
  type: string,
  example: string,
  changes: Record<string, unknown>,
  pointer: string,
  severity: Finding['severity'],
];

/** What is taken without a word: in words, then type, valid example and what is changed in it. */
export type Passes = [what: string, type: string, example: string, changes: Record<string, unknown>];

/** The day on which the examples are looked at. */
export const TODAY = '2026-11-22';

export const contracts = loadContracts();
const { codeLists } = loadAlliance(undefined, {});

export function validExample(type: string, name: string): Envelope {
  const file = join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Envelope;
}

/** What rules and code lists say of a message that its schema accepts. */
export function findings(message: Envelope): Finding[] {
  const contract = contracts.get(message.type);
  if (!contract) throw new Error(`${message.type} is no contract.`);
  expect(contracts.validate(contract, message)).toEqual([]);
  return contracts.checkRules(contract, message, { today: TODAY, codeLists }).findings;
}

/** Each rule is silent on the example, and speaks once of the place that was changed. */
export function describeRules(title: string, fires: readonly Fires[], passes: readonly Passes[]): void {
  describe(title, () => {
    it.each(fires)('%s', (rule, type, name, changes, pointer, severity) => {
      const example = validExample(type, name);
      const of = (message: Envelope) => findings(message).filter(({ keyword }) => keyword === rule);
      expect(of(example)).toEqual([]);
      expect(of(changed(example, changes))).toEqual([
        expect.objectContaining({ pointer: `/data${pointer}`, severity }),
      ]);
    });

    it.each(passes)('says nothing of %s', (_what, type, name, changes) => {
      expect(findings(changed(validExample(type, name), changes))).toEqual([]);
    });
  });
}

/** Puts values at pointers into a copy of a message; undefined takes what stands there away. */
function changed(message: Envelope, changes: Record<string, unknown>): Envelope {
  const copy = structuredClone(message);
  for (const [pointer, value] of Object.entries(changes)) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop() as string;
    const holder = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
    (holder as Record<string, unknown>)[last] = value;
  }
  return JSON.parse(JSON.stringify(copy)) as Envelope;
}
