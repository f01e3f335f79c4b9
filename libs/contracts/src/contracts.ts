import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { pointerSegments, valueAt } from './annotations.js';
import { consentReader, type ConsentReader } from './consent-statements.js';
import { checkCodes, type CodedProperty } from './code-lists.js';
import type { ConsentStatement, Contract, Facts, Violation } from './contract.js';
import { namesACase, partnerOfSource, type Envelope } from './envelope.js';
import { readInlined } from './inline-refs.js';
import { projectRoot } from './project-root.js';
import { readContract } from './read-contract.js';
import { RULES } from './rules/all-rules.js';
import { runRules, type Checked } from './rules/check-rules.js';
import type { Rule, RuleFacts } from './rules/rule.js';
import { compileValidator, type Validator } from './validate.js';

/** Folders of `schemas/` that hold no message type. */
const NO_TYPE = new Set(['envelope', 'shared']);

/** Every contract, compiled once. Made by `loadContracts`. */
export interface Contracts {
  /** By type and version, sorted by name. */
  all: readonly Contract[];
  /** By the envelope's `type`, for example `mta.step-up.requested.v1`. */
  get(name: string): Contract | undefined;
  /** All versions of one type (`step-up.requested`), oldest first; empty where the type is not known. */
  byType(type: string): readonly Contract[];
  /** What is wrong with the envelope, its `data` apart. Takes anything; empty when it is valid. */
  validateEnvelope(value: unknown): Violation[];
  /** What is wrong with the envelope's `data`, at most 20 violations with pointers such as `/data/reason`. */
  validate(contract: Contract, envelope: Envelope): Violation[];
  /**
   * What rules and code lists say of it, which no schema can; call it for what the schema accepts. A safety message may
   * come here with data that its schema does not accept: then there is nothing to add.
   */
  checkRules(contract: Contract, envelope: Envelope, facts: Pick<RuleFacts, 'today' | 'codeLists'>): Checked;
  /** What routes may look at; a fact that the message does not state is absent. */
  factsOf(contract: Contract, envelope: Envelope): Facts;
  /** What the message says about consent, in its order; see `x-consent`. */
  consentStatementsOf(contract: Contract, envelope: Envelope): ConsentStatement[];
  /** What the message says of whether nobody may learn where the person is; undefined where it says nothing. */
  restrictionOf(contract: Contract, envelope: Envelope): boolean | undefined;
}

interface Compiled {
  contract: Contract;
  validate: Validator;
  facts: [name: string, segments: string[]][];
  consent: ConsentReader;
  rules: readonly Rule[];
  coded: readonly CodedProperty[];
}

/** Reads and compiles `schemas/`. Throws one error that names every problem of every contract. */
export function loadContracts(folder: string = join(projectRoot(), 'schemas')): Contracts {
  const problems: string[] = [];
  const contracts = readAll(folder, problems);
  checkAnswers(contracts, problems);
  if (problems.length > 0)
    throw new Error(`${problems.length} problems in the contracts:\n- ${problems.join('\n- ')}`);
  const envelope = compileValidator(readInlined(join(folder, 'envelope', 'v1.json')));
  const compiled = new Map(contracts.map((contract) => [contract.name, compile(contract)]));
  const of = (contract: Contract): Compiled => {
    const found = compiled.get(contract.name);
    if (!found) throw new Error(`${contract.name} is not of these contracts.`);
    return found;
  };
  return {
    all: contracts,
    get: (name) => compiled.get(name)?.contract,
    byType: (type) => contracts.filter((contract) => contract.type === type),
    validateEnvelope: (value) => envelope(value),
    validate: (contract, message) => of(contract).validate(message.data, '/data'),
    checkRules: (contract, message, facts) => checked(of(contract), message, facts),
    factsOf: (contract, message) => factsAt(of(contract).facts, message.data),
    consentStatementsOf: (contract, message) => of(contract).consent(message.data),
    restrictionOf: (contract, message) => {
      const said = contract.restricts.map((pointer) => valueAt(message.data, pointerSegments(pointer)));
      if (said.includes(true) || (contract.safety && saysRestricted(message.data))) return true;
      return said.includes(false) ? false : undefined;
    },
  };
}

/** A safety message is taken with what its contract does not describe; this counts wherever it stands. */
function saysRestricted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, member]) => (key === 'restricted' && member === true) || saysRestricted(member),
  );
}

function readAll(folder: string, problems: string[]): Contract[] {
  const contracts: Contract[] = [];
  const types = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());
  for (const type of types.map((each) => each.name).filter((name) => !NO_TYPE.has(name)))
    for (const file of readdirSync(join(folder, type)).sort()) {
      const major = /^v([1-9][0-9]?)\.json$/.exec(file)?.[1];
      if (!major) continue;
      try {
        contracts.push(readContract(type, Number(major), readInlined(join(folder, type, file)), problems));
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
  return contracts.sort((a, b) => (a.type === b.type ? a.major - b.major : a.type < b.type ? -1 : 1));
}

/** An answer or a clock's stop that no contract has would leave a promise that nothing can keep. */
function checkAnswers(contracts: readonly Contract[], problems: string[]): void {
  const types = new Set(contracts.map((contract) => contract.type));
  for (const contract of contracts) {
    const place = `schemas/${contract.type}/v${contract.major}.json`;
    for (const answer of contract.answers)
      if (!types.has(answer) && !['receipt', 'none'].includes(answer))
        problems.push(`${place}: x-answer "${answer}" is no contract, nor receipt, nor none`);
    for (const type of contract.clocks.flatMap((clock) => clock.stops ?? []))
      if (!types.has(type)) problems.push(`${place}: x-clocks stops "${type}", which is no contract`);
  }
}

function compile(contract: Contract): Compiled {
  return {
    contract,
    validate: compileValidator(contract.schema),
    facts: Object.entries(contract.facts).map(([name, pointer]) => [name, pointerSegments(pointer)]),
    consent: consentReader(contract.consent),
    rules: RULES.filter((rule) => rule.type === contract.type),
    coded: Object.entries(contract.codeLists).map(([pointer, list]) => ({
      segments: pointerSegments(pointer),
      list,
    })),
  };
}

function checked(
  { contract, validate, rules, coded }: Compiled,
  envelope: Envelope,
  { today, codeLists }: Pick<RuleFacts, 'today' | 'codeLists'>,
): Checked {
  if (contract.safety && validate(envelope.data).length > 0) return { findings: [], facts: {} };
  const { findings, facts } = runRules(rules, envelope, {
    today,
    source: partnerOfSource(envelope.source) ?? 'hub',
    ...(envelope.sharingbasis && { basis: envelope.sharingbasis }),
    hasSubject: envelope.subject !== undefined,
    namesACase: namesACase(envelope),
    codeLists,
  });
  return { findings: [...checkCodes(coded, envelope.data, codeLists), ...findings], facts };
}

function factsAt(facts: Compiled['facts'], data: unknown): Facts {
  const found: Facts = {};
  for (const [name, segments] of facts) {
    const value = valueAt(data, segments);
    // A safety message is taken with its findings, so that a fact may hold anything; routes see plain values only.
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      found[name] = value;
  }
  return found;
}
