import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadAlliance, loadContracts, projectRoot } from '#contracts';
import { newHubKeys, parseHubKeys } from '../platform/sealing.js';
import { CASE_RACED, type IntakeOffset } from '../store/accept-messages.js';
import type { AcceptRow } from '../store/accept-row.js';
import type { IntakeContext } from '../store/read-context.js';
import type { Refusal } from '../store/refusals.js';
import { intakeBatch, type BatchTools, type IntakeRecord } from './intake-batch.js';
import { compileRoutes } from './route.js';

const contracts = loadContracts();
const alliance = loadAlliance(
  resolve(projectRoot(), 'config'),
  {},
  contracts.all.map((contract) => `${contract.type}.v${contract.major}`),
);
const sample = JSON.parse(
  readFileSync(resolve(projectRoot(), 'samples/outcome-measure.salus-to-nkm.json'), 'utf8'),
) as Record<string, unknown>;

/** A ledger that takes every row but those of one sender's id, which it chokes on. */
function setup(poison: string): {
  tools: BatchTools;
  taken: string[];
  refusals: Refusal[];
  offsets: string[];
} {
  const taken: string[] = [];
  const refusals: Refusal[] = [];
  const offsets: string[] = [];
  const nothing = (): void => undefined;
  const context: IntakeContext = {
    now: new Date(),
    known: null,
    case: null,
    partnerCase: null,
    cause: null,
    recalled: null,
  };
  const tools = {
    rules: {
      contracts,
      alliance,
      partners: new Map(alliance.partners.map((partner) => [partner.id, partner])),
      router: compileRoutes(alliance),
    },
    keys: parseHubKeys(newHubKeys()),
    bodies: { seal: async () => Buffer.from('sealed') },
    metrics: {
      accepts: { inc: nothing },
      refusals: { inc: nothing },
      acceptSeconds: { observe: nothing },
    },
    log: { info: nothing, error: nothing },
    store: {
      settleAnswered: async () => undefined,
      recordRefusal: async (refusal: Refusal) => void refusals.push(refusal),
    },
    readContexts: async (queries: readonly unknown[]) => queries.map(() => context),
    acceptAll: async (rows: readonly AcceptRow[], moved: readonly IntakeOffset[]) => {
      if (rows.some((row) => row.externalId === poison)) throw new TypeError('a row that no table takes');
      taken.push(...rows.map((row) => row.externalId));
      offsets.push(...moved.map((each) => each.nextOffset));
      return rows.map(() => true);
    },
  } as unknown as BatchTools;
  return { tools, taken, refusals, offsets };
}

function records(ids: readonly string[]): IntakeRecord[] {
  return ids.map((id, i) => ({
    text: JSON.stringify({ ...sample, id, partnercaseref: `CASE-${i}` }),
    topic: 'alliance.intake.salus',
    partition: 0,
    offset: `${i}`,
  }));
}

describe('records of an intake topic', () => {
  it('refuses as our defect, alone, what the ledger chokes on, and reads on', async () => {
    const { tools, taken, refusals, offsets } = setup('two');
    const answers = await intakeBatch(tools, 'salus', records(['one', 'two', 'three']));
    expect(taken).toEqual(['one', 'three']);
    expect(answers.map((answer) => ('receipt' in answer ? 'taken' : answer.refused.code))).toEqual([
      'taken',
      'defect/unexpected',
      'taken',
    ]);
    expect(refusals.map((refusal) => refusal.code)).toEqual(['defect/unexpected']);
    expect(offsets.at(-1)).toBe('3');
  });

  it('takes one by one what races with its own company', async () => {
    const { tools, taken, refusals, offsets } = setup('nobody');
    const together = tools.acceptAll;
    tools.acceptAll = (rows, moved) =>
      rows.length > 1
        ? Promise.reject(Object.assign(new Error('case-raced'), { code: CASE_RACED }))
        : together(rows, moved);
    const answers = await intakeBatch(tools, 'salus', records(['one', 'two']));
    expect(answers.every((answer) => 'receipt' in answer)).toBe(true);
    expect([taken, refusals, offsets]).toEqual([['one', 'two'], [], ['1', '2']]);
  });

  it('lets a ledger that is down bring the same records again', async () => {
    const { tools, refusals } = setup('nobody');
    tools.acceptAll = () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    await expect(intakeBatch(tools, 'salus', records(['one']))).rejects.toThrow('down');
    expect(refusals).toEqual([]);
  });
});
