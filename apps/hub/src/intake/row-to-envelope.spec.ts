import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { loadBatches, loadContracts, projectRoot, type BatchKind } from '#contracts';
import { columnAt, rowToEnvelope } from './row-to-envelope.js';

const contracts = loadContracts();
const kinds = loadBatches(join(projectRoot(), 'config'), contracts);
const outcomes = kinds.get('outcomes') as BatchKind;

const GOOD: Record<string, string> = {
  reference: 'r-1',
  your_case: 'C-1',
  instrument: 'Goal based',
  version: '1',
  date: '18/11/2026',
  point: 'Review',
  respondent: 'young_person',
  scale: 'total',
  score: '6.5',
  service: 'mentoring-peer',
  change: '-2',
};

const rowOf = (change: Record<string, string> = {}) => {
  const cells = { ...GOOD, ...change };
  return rowToEnvelope(outcomes, 'ylf', Object.keys(cells), { row: 2, cells: Object.values(cells) });
};

describe('a row', () => {
  it('is a message that satisfies its contract', () => {
    const read = rowOf();
    expect(read).toEqual({
      envelope: {
        specversion: '1.0',
        id: 'outcomes:r-1',
        source: '/partners/ylf',
        type: 'mta.outcome.measure.v1',
        datacontenttype: 'application/json',
        partnercaseref: 'C-1',
        data: {
          instrument: { code: 'goal-based', version: '1' },
          administeredOn: '2026-11-18',
          point: 'review',
          respondent: 'young-person',
          scores: [{ scale: 'total', value: 6.5 }],
          interventionCode: 'mentoring-peer',
          changeFromBaseline: -2,
        },
      },
    });
    if (!('envelope' in read)) throw new Error('no envelope');
    expect(contracts.validateEnvelope(read.envelope)).toEqual([]);
    expect(contracts.validate(outcomes.contract, read.envelope)).toEqual([]);
  });

  it('says nothing where a cell is empty', () => {
    expect(rowOf({ change: '', your_case: ' ' })).toMatchObject({
      envelope: { data: expect.not.objectContaining({ changeFromBaseline: expect.anything() }) as object },
    });
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['an empty cell', { score: '' }, 'score', 'is empty'],
    ['a word for a number', { score: 'six' }, 'score', 'is no number'],
    ['a formula', { scale: '=1+1' }, 'scale', 'begins like a formula'],
    ['a formula as a number', { score: '=A1' }, 'score', 'begins like a formula'],
    ['a plus', { instrument: '+441234' }, 'instrument', 'begins like a formula'],
    ['a minus before a word', { version: '-cmd' }, 'version', 'begins like a formula'],
    ['an at sign', { version: '@SUM' }, 'version', 'begins like a formula'],
    ['a tab', { version: '\tx' }, 'version', 'begins like a formula'],
  ])('with %s comes back', (_name, change, column, reason) => {
    expect(rowOf(change)).toEqual({
      problems: [{ column, reason: expect.stringContaining(reason) as unknown }],
    });
  });

  it('with more cells than columns comes back', () => {
    const cells = [...Object.values(GOOD), 'more'];
    expect(rowToEnvelope(outcomes, 'ylf', Object.keys(GOOD), { row: 2, cells })).toEqual({
      problems: [{ column: '', reason: 'has 12 cells for 11 columns' }],
    });
  });
});

it.each([
  ['/data/scores/0/value', 'score'],
  ['/data/scores/0', 'scale'],
  ['/data/instrument', 'instrument'],
  ['/caseref', 'case_ref'],
  ['/id', 'reference'],
  ['/data/nowhere', ''],
])('what is said of %s is said of the column "%s"', (pointer, column) => {
  expect(columnAt(outcomes, pointer)).toBe(column);
});

it.each([
  [
    'group-counts',
    'r,2026-11-01,school,lgbtqia,coping,young-person,12',
    'reference,date,venue,group,theme,who,attendees',
  ],
  [
    'digital-usage',
    'r,2026-10-01,2026-10-31,14-16,all,anxiety,,,yes',
    'reference,from,until,age_band,gender_band,theme,users,sessions,suppressed',
  ],
  [
    'contacts',
    'r,2026-11-01,mentoring-peer,in-person,School,attended,yes,50',
    'reference,date,service,mode,setting,attended,evidence_based,minutes',
  ],
  [
    'attendance',
    'r,2026-11-01,family-hub,grief,memory-work,carer,attended',
    'reference,date,venue,group,theme,who,attended',
  ],
  [
    'engagement',
    'r,2026-11-01,2026-11-07,yes,3,unknown',
    'reference,from,until,activated,sessions,last_used',
  ],
])('a row of %s satisfies its contract', (id, row, header) => {
  const kind = kinds.get(id) as BatchKind;
  const read = rowToEnvelope(kind, 'ylf', header.split(','), { row: 2, cells: row.split(',') });
  if (!('envelope' in read)) throw new Error(JSON.stringify(read));
  expect(contracts.validateEnvelope(read.envelope)).toEqual([]);
  expect(contracts.validate(kind.contract, read.envelope)).toEqual([]);
});
