import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { loadBatches, loadContracts, projectRoot, type BatchKind } from '#contracts';
import { MOST_ROWS, readRows, type Rows } from './read-rows.js';

const outcomes = loadBatches(join(projectRoot(), 'config'), loadContracts()).get('outcomes') as BatchKind;
const HEAD = 'reference,your_case,instrument,version,date,point,respondent,scale,score,service';
const ROW = 'r-1,C-1,goal-based,1,2026-11-18,review,young-person,total,6,mentoring-peer';

const read = (file: string | Buffer): Rows | { problem: string } => readRows(Buffer.from(file), outcomes);
const rowsOf = (file: string | Buffer): Rows => {
  const found = read(file);
  if ('problem' in found) throw new Error(found.problem);
  return found;
};

describe('a file of rows', () => {
  it.each([
    ['commas', `${HEAD}\n${ROW}\n`],
    ['semicolons', `${HEAD}\n${ROW}\n`.replaceAll(',', ';')],
    ['tabs', `${HEAD}\n${ROW}\n`.replaceAll(',', '\t')],
    ['a byte order mark and CRLF', `\uFEFF${HEAD}\r\n${ROW}\r\n`],
    ['no end of line', `${HEAD}\n${ROW}`],
    ['names as people write them', `${HEAD.replace('your_case', '"Your case "')}\n${ROW}\n`],
  ])('with %s', (_name, file) => {
    const { header, rows } = rowsOf(file);
    expect(header).toEqual(HEAD.split(','));
    expect(rows).toEqual([{ row: 2, cells: ROW.split(',') }]);
  });

  it('counts rows as a spreadsheet does, and passes over empty ones', () => {
    const { rows } = rowsOf(`${HEAD}\n${ROW}\n\n,,,,,,,,,\n"r-2\nsecond line",C\n`);
    expect(rows.map(({ row, cells }) => [row, cells[0]])).toEqual([
      [2, 'r-1'],
      [5, 'r-2\nsecond line'],
    ]);
  });

  it('knows the column that an answer of ours added', () => {
    expect(rowsOf(`${HEAD},reason\n${ROW},is empty\n`).rows).toHaveLength(1);
  });
});

describe('a file that is none says why, in one sentence and without its values', () => {
  it.each<[string, string | Buffer, string]>([
    ['UTF-16', Buffer.from(`\uFEFF${HEAD}\n${ROW}\n`, 'utf16le'), 'The file is not UTF-8.'],
    ['Latin-1', Buffer.from(`${HEAD}\nZoë`, 'latin1'), 'The file is not UTF-8.'],
    ['a missing column', `${HEAD.replace('score,', '')}\n`, 'The file lacks the column score.'],
    ['nothing', '', 'The file lacks the columns reference, instrument'],
    ['an unknown column', `${HEAD},Robin Example\n`, 'Column 11 has a name that is not known.'],
    ['a column twice', `${HEAD},score\n`, 'The column score is there twice.'],
    ['an open quote', `${HEAD}\n"Robin,`, 'The file cannot be read as CSV.'],
    ['too many rows', `${HEAD}\n${`${ROW}\n`.repeat(MOST_ROWS + 1)}`, 'send at most 20000'],
  ])('%s', (_name, file, problem) => {
    const found = read(file);
    expect(found).toEqual({ problem: expect.stringContaining(problem) as unknown });
    expect(JSON.stringify(found)).not.toMatch(/Robin|Zo/);
  });
});
