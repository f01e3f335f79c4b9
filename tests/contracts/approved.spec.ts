import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import {
  BANDS,
  DELIVERY_STATES,
  ENDED_STATES,
  FAULT_KINDS,
  FAULTS,
  loadContracts,
  mayFollow,
  OUTCOME_CODES,
  OWNER_CLASSES,
  projectRoot,
  topics,
  TRANSITIONS,
} from '#contracts';

/** What outsiders rely on. A difference is a change of the contract with them: decide it, then approve the file. */
const approved = (name: string): unknown =>
  JSON.parse(readFileSync(join(projectRoot(), 'tests/contracts/approved', `${name}.json`), 'utf8'));

describe('what outsiders rely on is as approved', () => {
  it('fault codes and their HTTP statuses', () => {
    const faults = Object.fromEntries(Object.entries(FAULTS).map(([code, { status }]) => [code, status]));
    expect(faults).toEqual(approved('faults'));
  });

  it('topics', () => {
    const names = [
      ...BANDS.map((band) => topics.deliver('bfb-labs', band)),
      topics.outcomes,
      topics.intake('bfb-labs'),
      topics.receipts('bfb-labs'),
      topics.stations,
    ];
    expect(names).toEqual(approved('topics'));
  });

  it('outcome codes', () => {
    expect(Object.keys(OUTCOME_CODES)).toEqual(approved('outcome-codes'));
  });

  it('contracts: band, order, case, answer and facts', () => {
    const contracts = loadContracts().all.map(({ name, band, order, case: joins, answers, facts }) => [
      name,
      { band, order, case: joins, answer: answers.join(' or '), facts: Object.keys(facts) },
    ]);
    expect(Object.fromEntries(contracts)).toEqual(approved('contracts'));
  });
});

describe('faults', () => {
  it('belong to a known kind and a known owner, and say what to do', () => {
    for (const [code, { owner, means, remedy }] of Object.entries(FAULTS)) {
      expect(FAULT_KINDS).toContain(code.slice(0, code.indexOf('/')));
      expect(OWNER_CLASSES).toContain(owner);
      expect(means).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
    }
  });
});

describe('the states of a delivery', () => {
  it('can all be left but the ended ones, and every one can reach an end', () => {
    const states = Object.keys(DELIVERY_STATES) as (keyof typeof DELIVERY_STATES)[];
    const ended = (state: string): boolean => (ENDED_STATES as readonly string[]).includes(state);
    for (const state of states) expect(Object.keys(TRANSITIONS[state]).length === 0).toBe(ended(state));
    const reaches = new Set<string>(ENDED_STATES);
    for (let pass = 0; pass < states.length; pass++)
      for (const state of states)
        if (states.some((next) => reaches.has(next) && mayFollow(state, next))) reaches.add(state);
    expect([...reaches].sort()).toEqual([...states].sort());
  });
});
