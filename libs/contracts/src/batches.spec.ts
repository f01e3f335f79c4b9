import { describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Partner } from './alliance.js';
import { loadBatches } from './batches.js';
import { loadContracts } from './contracts.js';
import { loadAlliance } from './load-alliance.js';
import { projectRoot } from './project-root.js';

const contracts = loadContracts();
const config = join(projectRoot(), 'config');

interface File {
  contract: string;
  reference: string;
  constants?: Record<string, unknown>;
  columns: Record<string, unknown>[];
}

/** Why a changed `outcomes` is not taken. */
function problemOf(change: (file: File) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'batches-'));
  cpSync(join(config, 'batches'), join(folder, 'batches'), { recursive: true });
  const path = join(folder, 'batches', 'outcomes.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as File;
  change(file);
  writeFileSync(path, JSON.stringify(file));
  try {
    loadBatches(folder, contracts);
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
}

const column = (file: File, name: string): Record<string, unknown> =>
  file.columns.find((each) => each['name'] === name) ?? {};

it('the kinds of rows as they stand fill their contracts', () => {
  const kinds = loadBatches(config, contracts, loadAlliance().partners);
  expect([...kinds.values()].map(({ id, contract }) => [id, contract.type])).toEqual([
    ['attendance', 'group.attendance'],
    ['contacts', 'contact.recorded'],
    ['digital-usage', 'digital.engagement'],
    ['engagement', 'digital.engagement'],
    ['group-counts', 'group.attendance'],
    ['outcomes', 'outcome.measure'],
  ]);
});

describe('what is wrong with a kind is said at boot', () => {
  it.each<[string, (file: File) => void, string]>([
    ['nothing', () => undefined, 'taken'],
    ['no contract', (file) => (file.contract = 'outcome.measure.v9'), 'is no contract of schemas/'],
    [
      'a place that the contract does not have',
      (file) => (column(file, 'score')['to'] = '/data/score'),
      'score cannot fill /data/score with number',
    ],
    ['a wrong type', (file) => (column(file, 'score')['type'] = 'text'), 'cannot fill /data/scores/0/value'],
    [
      'a required place without a column',
      (file) => (column(file, 'point')['required'] = false),
      'nothing is sure to fill /data/point',
    ],
    ['a reference that is none', (file) => (file.reference = 'score'), '/reference must be'],
    [
      'two columns of one name',
      (file) => file.columns.push({ ...column(file, 'score') }),
      '/columns has two of one name',
    ],
    ['a constant nowhere', (file) => (file.constants = { '/data/x': 1 }), 'has no /data/x'],
    [
      'an unknown word',
      (file) => (column(file, 'score')['type'] = 'figure'),
      '/type must be equal to one of',
    ],
  ])('%s', (_name, change, problem) => {
    expect(problemOf(change)).toContain(problem);
  });

  it('a pickup that names none', () => {
    const partner = { id: 'kooth', pickup: { batch: 'usage' } } as unknown as Partner;
    expect(() => loadBatches(config, contracts, [partner])).toThrow('kooth names "usage"');
  });
});
