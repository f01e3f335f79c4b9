import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aMeasure, aReference, aWithdrawal } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import type { Answer } from '../support/party.js';

jest.setTimeout(180_000);

interface BatchAnswer {
  rows: number;
  accepted: number;
  repeated: number;
  refused: number;
  answers: {
    row: number;
    ok: boolean;
    messageId?: string;
    problems?: { column: string; reason: string }[];
  }[];
  refusedFile?: string;
}

const HEAD = 'reference,your_case,instrument,version,date,point,respondent,scale,score,service';
/** One goal-based measure; its reference is its own. */
const aRow = (change: Record<string, string> = {}): string =>
  Object.values({
    reference: aReference(),
    your_case: 'BAR-1',
    instrument: 'goal-based',
    version: '1',
    date: '2026-11-18',
    point: 'review',
    respondent: 'young-person',
    scale: 'total',
    score: '6',
    service: 'behaviour-support',
    ...change,
  }).join(',');
const aFile = (rows: readonly string[]): string => `${[HEAD, ...rows].join('\n')}\n`;

describe('when a spreadsheet is uploaded', () => {
  const hub = {} as HubUnderTest;
  beforeAll(async () => {
    Object.assign(hub, await startHubUnderTest({ wire: 'local' }));
  });
  afterAll(() => hub.stop?.());

  const upload = (file: string, headers: Record<string, string> = {}, kind = 'outcomes'): Promise<Answer> =>
    hub
      .as('barratt')
      .request('POST', `/v1/batches?kind=${kind}`, file, { 'content-type': 'text/csv', ...headers });
  const answerTo = async (file: string): Promise<BatchAnswer> => (await upload(file)).json as BatchAnswer;
  const messages = async (): Promise<number> =>
    (
      await hub.db.query<{ n: string }>(
        "select count(*) as n from message where source = '/partners/barratt'",
      )
    ).rows.map(({ n }) => Number(n))[0] ?? 0;

  it('makes a message of each row, which goes its way', async () => {
    const answer = await answerTo(aFile([aRow(), aRow({ score: '7' })]));
    expect(answer).toMatchObject({ rows: 2, accepted: 2, repeated: 0, refused: 0 });
    const [first] = answer.answers;
    await eventually(async () => {
      const { deliveries } = await hub.as('barratt').follow(first?.messageId ?? '');
      expect(deliveries).toMatchObject([{ partner: 'nkm', state: 'acknowledged' }]);
    });
    const copy = hub.arrivals('nkm').find(({ body }) => body.includes(first?.messageId ?? '-'));
    expect(JSON.parse(copy?.body ?? '{}')).toMatchObject({
      type: 'mta.outcome.measure.v1',
      data: { instrument: { code: 'goal-based' }, scores: [{ scale: 'total', value: 6 }] },
    });
  });

  it('completes a file of which a part was taken, and takes mended rows as they come back', async () => {
    const rows = Array.from({ length: 20 }, () => aRow());
    await answerTo(aFile(rows.slice(0, 12)));
    expect(await answerTo(aFile(rows))).toMatchObject({ accepted: 8, repeated: 12 });

    const { refusedFile = '' } = await answerTo(aFile([aRow({ score: '' }), aRow()]));
    const mended = refusedFile.replace(',,', ',4,');
    expect(await answerTo(mended)).toMatchObject({ rows: 1, accepted: 1 });
  });

  /** Does something before the hub accepts the `nth` row of Barratt's from now on, and each one after it. */
  const beforeRow = (nth: number, what: () => Promise<unknown>): (() => void) => {
    const accept = hub.hub.accept.bind(hub.hub);
    let seen = 0;
    const spy = jest.spyOn(hub.hub, 'accept').mockImplementation(async (rows, ...more) => {
      const own = rows.filter(({ sender }) => sender === 'barratt').length;
      seen += own;
      if (own > 0 && seen >= nth) await what();
      return accept(rows, ...more);
    });
    return () => spy.mockRestore();
  };

  it('completes a file that was cut between two rows, without a double', async () => {
    const file = aFile(Array.from({ length: 20 }, () => aRow({ your_case: 'BAR-CUT' })));
    const before = await messages();
    const died = Object.assign(new Error('cut'), { code: 'ECONNRESET' });
    const mend = beforeRow(9, () => Promise.reject(died));
    expect((await upload(file)).status).toBeGreaterThanOrEqual(500);
    mend();
    expect(await messages()).toBe(before + 8);
    expect(await answerTo(file)).toMatchObject({ rows: 20, accepted: 12, repeated: 8, refused: 0 });
    expect(await messages()).toBe(before + 20);
  });

  it('sends no row of a case on once consent is withdrawn, though the file is half taken', async () => {
    const rows = Array.from({ length: 12 }, () => aRow({ your_case: 'BAR-HALF' }));
    const half = Promise.withResolvers<void>();
    const withdrawn = Promise.withResolvers<void>();
    const mend = beforeRow(7, () => {
      half.resolve();
      return withdrawn.promise;
    });
    const uploading = answerTo(aFile(rows));
    await half.promise;
    const { rows: bound } = await hub.db.query<{ case_ref: string }>(
      "select case_ref from partner_case where partner = 'barratt' and partner_case_ref = 'BAR-HALF'",
    );
    const caseref = bound[0]?.case_ref ?? '';
    const withdrawal = await hub.as('nkm').send(aWithdrawal({ caseref }));
    withdrawn.resolve();
    const answer = await uploading;
    mend();
    expect(answer).toMatchObject({ rows: 12, accepted: 12, refused: 0 });

    const ids = answer.answers.map(({ messageId }) => messageId ?? '');
    await eventually(async () => {
      const { rows: live } = await hub.db.query('select from delivery where message_id = any($1)', [ids]);
      expect(live).toEqual([]);
    });
    const { rows: ended } = await hub.db.query<{ state: string; late: boolean }>(
      `select e.state, m.case_seq > w.case_seq as late
       from delivery_ended e join message m using (message_id), message w
       where e.message_id = any($1) and w.message_id = $2`,
      [ids, withdrawal.messageId],
    );
    const late = ended.filter((one) => one.late);
    expect(late).toHaveLength(6);
    expect([...new Set(late.map(({ state }) => state))]).toEqual(['withheld']);
    // Whatever reached anybody is told, and nothing else is.
    const arrived = ids.filter((id) => hub.arrivals('nkm').some(({ body }) => body.includes(id)));
    const told = await hub
      .as('ops')
      .get<{ disclosures: { messageId: string }[] }>(`/v1/cases/${caseref}/disclosures`);
    const rowsTold = told.disclosures.map(({ messageId }) => messageId).filter((id) => ids.includes(id));
    expect(rowsTold.sort()).toEqual(arrived.sort());
    expect(await answerTo(aFile(rows))).toMatchObject({ accepted: 0, repeated: 12 });
  });

  it('refuses a row whose reference another one has', async () => {
    const reference = aReference();
    const { answers } = await answerTo(aFile([aRow({ reference }), aRow({ reference, score: '9' })]));
    expect(answers).toMatchObject([{ ok: true }, { ok: false, code: 'contract/id-reused' }]);
  });

  it('answers the refused rows alone where a spreadsheet is asked for', async () => {
    const answer = await upload(aFile([aRow(), aRow({ score: 'x' })]), { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.text.trim().split('\n')).toHaveLength(2);
  });

  it.each([
    ['a wrong encoding', `${HEAD}\nZo\u00eb`, 400, 'contract/unreadable-file', 'not UTF-8'],
    [
      'a missing column',
      'reference,score\nr,1',
      400,
      'contract/unreadable-file',
      'lacks the columns instrument',
    ],
  ])(
    'says of a file with %s what is wrong, and takes none of it',
    async (_name, file, status, code, detail) => {
      const token = await hub.as('barratt').token();
      const response = await fetch(`${hub.url}/v1/batches?kind=outcomes`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
        body: new Uint8Array(Buffer.from(file, 'latin1')),
      });
      const problem = (await response.json()) as { code: string; detail: string };
      expect([response.status, problem.code]).toEqual([status, code]);
      expect(problem.detail).toContain(detail);
      expect(JSON.stringify(problem)).not.toContain('Zo');
    },
  );

  it('says which rows there are, and who may send them', async () => {
    expect(await upload(aFile([]), {}, 'figures')).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('outcomes') as unknown },
    });
    expect(await upload(aFile([]), {}, 'digital-usage')).toMatchObject({
      status: 403,
      json: { code: 'identity/not-allowed' },
    });
    const { kinds } = await hub.as('barratt').get<{ kinds: { kind: string }[] }>('/v1/batches');
    expect(kinds.map(({ kind }) => kind)).toContain('attendance');
  });

  it('takes a file of events line by line', async () => {
    const measures = [aMeasure({ from: 'barratt' }), aMeasure({ from: 'barratt' })];
    const lines = [JSON.stringify(measures[0]), '{"half', JSON.stringify(measures[1]), ''].join('\n');
    const ndjson = { 'content-type': 'application/x-ndjson' };
    const answer = await hub.as('barratt').request('POST', '/v1/batches', lines, ndjson);
    expect(answer.json).toMatchObject({
      rows: 3,
      accepted: 2,
      refused: 1,
      answers: [
        { row: 1, ok: true },
        { row: 2, ok: false, code: 'contract/not-json' },
        { row: 3, ok: true },
      ],
    });
    const again = await hub.as('barratt').request('POST', '/v1/batches', lines, ndjson);
    expect(again.json).toMatchObject({ accepted: 0, repeated: 2, refused: 1 });
  });

  it('can be uploaded by the command line, which writes down what came back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upload-'));
    const file = join(folder, 'november.csv');
    writeFileSync(file, aFile([aRow(), aRow({ score: '' })]));
    const { code, out, err } = await hub.cli('upload', file, '--kind', 'outcomes', '--as', 'barratt');
    expect(code).toBe(1);
    expect(out).toContain('score');
    expect(err).toContain('1 row came back.');
    const back = join(folder, 'november.refused.csv');
    writeFileSync(back, readFileSync(back, 'utf8').replace(',,', ',4,'));
    expect(await hub.cli('upload', back, '--kind', 'outcomes', '--as', 'barratt')).toMatchObject({ code: 0 });
  });

  it('takes 9,963 of 10,000 rows, gives 37 back with the reason of each, and takes nothing twice', async () => {
    const bad: Record<string, string>[] = [
      { score: 'six' },
      { scale: '=cmd|calc' },
      { date: '31/02/2026' },
      { respondent: 'Robin Example' },
      { service: '' },
    ];
    const isBad = (n: number): boolean => n % 270 === 7 && n < 9_990;
    const rows = Array.from({ length: 10_000 }, (_, n) =>
      aRow({ your_case: `BAR-${n % 50}`, ...(isBad(n) && bad[Math.floor(n / 270) % 5]) }),
    );
    const wrong = rows.filter((_, n) => isBad(n));
    expect(wrong).toHaveLength(37);
    const before = await messages();

    const answer = await answerTo(aFile(rows));
    expect(answer).toMatchObject({ rows: 10_000, accepted: 9_963, repeated: 0, refused: 37 });
    expect(await messages()).toBe(before + 9_963);
    const back = (answer.refusedFile ?? '').replace('\uFEFF', '').trim().split('\n');
    expect(back[0]).toBe(`${HEAD},reason`);
    expect(back).toHaveLength(38);
    for (const [place, row] of wrong.entries())
      expect(back[place + 1]?.startsWith(row.slice(0, row.indexOf(',')))).toBe(true);
    const reasons = back.slice(1).map((line) => line.split(',').slice(10).join(',').replaceAll('"', ''));
    expect([...new Set(reasons)].sort()).toEqual([
      'date is no date: write YYYY-MM-DD or DD/MM/YYYY',
      'respondent must be one of young-person, carer, worker',
      'scale begins like a formula; write the value itself',
      'score is no number',
      'service is empty',
    ]);

    const again = await answerTo(aFile(rows));
    expect(again).toMatchObject({ accepted: 0, repeated: 9_963, refused: 37 });
    expect(again.answers).toEqual(answer.answers.map((one) => (one.ok ? { ...one, repeated: true } : one)));
    expect(await messages()).toBe(before + 9_963);
  });

  it('keeps what its rows say out of the log', () => {
    expect(hub.log.length).toBeGreaterThan(0);
    expect(hub.log.join('')).not.toMatch(/Robin|cmd\|calc/);
  });
});
