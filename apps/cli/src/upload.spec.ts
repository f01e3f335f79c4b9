import { expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '../../../tests/support/cli.js';

const answer = {
  rows: 3,
  accepted: 1,
  repeated: 1,
  refused: 1,
  answers: [
    { row: 2, ok: true, messageId: 'm-1', repeated: false },
    { row: 3, ok: true, messageId: 'm-2', repeated: true },
    { row: 4, ok: false, code: 'contract/invalid', problems: [{ column: 'score', reason: 'is no number' }] },
  ],
  refusedFile: 'reference,score,reason\nr-3,six,score is no number\n',
};

it('uploads a CSV as it stands, and writes down what came back', async () => {
  const { hub, seen, said, home } = await setup({ 'POST /v1/batches?kind=outcomes': [200, answer] });
  const file = join(home, 'november.csv');
  writeFileSync(file, 'reference,score\nr-1,Ünal\n');
  expect(await hub('upload', file, '--kind', 'outcomes', '--as', 'ylf')).toBe(1);
  expect(seen).toMatchObject([{ party: 'ylf', type: 'text/csv', body: 'reference,score\nr-1,Ünal\n' }]);
  expect(said.out).toMatch(/3 +1 +1 +1/);
  expect(said.out).toMatch(/4 +score +is no number/);
  expect(said.err).toContain('1 row came back.');
  expect(said.err).toContain('november.refused.csv');
  expect(readFileSync(join(home, 'november.refused.csv'), 'utf8')).toBe(answer.refusedFile);
});

it('ends well when every row went on, and leaves no file', async () => {
  const good = { rows: 1, accepted: 1, repeated: 0, refused: 0, answers: [{ row: 1, ok: true }] };
  const { hub, seen, said, home } = await setup({ 'POST /v1/batches': [200, good] });
  const file = join(home, 'week.ndjson');
  writeFileSync(file, '{"id":"1"}\n');
  expect(await hub('upload', file, '--as', 'ylf', '--json')).toBe(0);
  expect(seen).toMatchObject([{ type: 'application/x-ndjson', body: '{"id":"1"}\n' }]);
  expect(JSON.parse(said.out)).toEqual(good);
  expect(existsSync(join(home, 'week.ndjson.refused.csv'))).toBe(false);
});

it('asks which rows a CSV holds', async () => {
  const { hub, said, home } = await setup();
  writeFileSync(join(home, 'a.csv'), '');
  expect(await hub('upload', join(home, 'a.csv'), '--as', 'ylf')).toBe(1);
  expect(said.err).toContain('--kind');
});
