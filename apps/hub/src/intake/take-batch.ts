import { stringify } from 'csv-stringify/sync';
import { FAULTS, type BatchKind, type Envelope, type Violation } from '#contracts';
import { BatcherFull } from '../store/batcher.js';
import { intake, refuse, type IntakeAnswer, type IntakeTools } from './intake.js';
import { REASON, type Row, type Rows } from './read-rows.js';
import { columnAt, rowToEnvelope, type CellProblem } from './row-to-envelope.js';
import type { Refused, Submission } from './validate.js';

/** What became of one row, in the file's order. */
export type RowAnswer =
  | { row: number; ok: true; messageId: string; repeated: boolean }
  | { row: number; ok: false; code: string; problems: CellProblem[] };

export interface BatchAnswer {
  rows: number;
  /** New messages. */
  accepted: number;
  /** Rows that were known before: nothing has changed. */
  repeated: number;
  refused: number;
  answers: RowAnswer[];
}

/** Rows under way at once: enough to share commits, few enough to leave others their place in each. */
const AT_ONCE = 16;
/** How long a row waits when the ledger's queue is full, in milliseconds. */
const BUSY_MS = 50;

/** A row, ready for intake; rows of one `lane` are taken one after another, in the file's order. */
interface Task {
  row: number;
  lane: string;
  run: () => Promise<RowAnswer>;
}

/**
 * Every row of a CSV file through LINE 1, as a message of its own. A row that cannot go on is answered and keeps no other;
 * whatever dies in between, the same file again completes what is missing and changes nothing else.
 */
export async function takeRows(
  tools: IntakeTools,
  partner: string,
  kind: BatchKind,
  { header, rows }: Pick<Rows, 'header' | 'rows'>,
): Promise<BatchAnswer> {
  const unlimited = withoutRate(tools);
  return takeAll(
    rows.map((row): Task => {
      const read = rowToEnvelope(kind, partner, header, row);
      if ('problems' in read)
        return {
          row: row.row,
          lane: '',
          run: () => refuseRow(unlimited, partner, kind, row, read.problems),
        };
      const submission = { text: JSON.stringify(read.envelope), partner };
      return {
        row: row.row,
        lane: laneOf(read.envelope),
        run: async () => answerOf(row.row, await patiently(unlimited, submission), kind),
      };
    }),
  );
}

/** Every line of an NDJSON file, each a CloudEvent, through LINE 1. */
export async function takeLines(
  tools: IntakeTools,
  partner: string,
  lines: readonly string[],
): Promise<BatchAnswer> {
  const unlimited = withoutRate(tools);
  const tasks = lines.flatMap((text, index): Task[] =>
    text.trim() === ''
      ? []
      : [
          {
            row: index + 1,
            lane: laneOf(objectOf(text)),
            run: async () => answerOf(index + 1, await patiently(unlimited, { text, partner })),
          },
        ],
  );
  return takeAll(tasks);
}

/** The rows that came back, with all their cells as they were and the reason of each; a spreadsheet runs none of them. */
export function refusedFile(read: Rows, answers: readonly RowAnswer[]): string {
  const reasons = new Map(answers.flatMap((one) => (one.ok ? [] : [[one.row, reasonOf(one.problems)]])));
  const keep = read.header.map((name, place) => ({ name, place })).filter(({ name }) => name !== REASON);
  const rows = read.rows.filter(({ row }) => reasons.has(row));
  return stringify(
    [
      [...keep.map(({ name }) => name), REASON],
      ...rows.map(({ row, cells }) => [...keep.map(({ place }) => cells[place] ?? ''), reasons.get(row)]),
    ],
    { delimiter: read.delimiter, escape_formulas: true, bom: true },
  );
}

const reasonOf = (problems: readonly CellProblem[]): string =>
  problems.map(({ column, reason }) => (column === '' ? reason : `${column} ${reason}`)).join('; ');

/** Rows of one lane go to one worker, so that they stay in order and never race for one case. */
async function takeAll(tasks: readonly Task[]): Promise<BatchAnswer> {
  const queues: Task[][] = Array.from({ length: AT_ONCE }, () => []);
  tasks.forEach((task, index) => queues[task.lane === '' ? index % AT_ONCE : hashOf(task.lane)]?.push(task));
  const answers: RowAnswer[] = [];
  await Promise.all(
    queues.map(async (queue) => {
      for (const task of queue) answers.push(await task.run());
    }),
  );
  answers.sort((a, b) => a.row - b.row);
  const count = (of: (answer: RowAnswer) => boolean): number => answers.filter(of).length;
  return {
    rows: answers.length,
    accepted: count((one) => one.ok && !one.repeated),
    repeated: count((one) => one.ok && one.repeated),
    refused: count((one) => !one.ok),
    answers,
  };
}

function hashOf(lane: string): number {
  let hash = 0;
  for (const char of lane) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return hash % AT_ONCE;
}

function laneOf(envelope: Partial<Envelope> | undefined): string {
  const lane = envelope?.caseref ?? envelope?.partnercaseref;
  return typeof lane === 'string' ? lane : '';
}

function objectOf(text: string): Partial<Envelope> | undefined {
  try {
    const value = JSON.parse(text) as Partial<Envelope> | null;
    return value ?? undefined;
  } catch {
    return undefined;
  }
}

/** A file is one request: its rows are bounded by their number at once, and not by the rate of requests. */
function withoutRate(tools: IntakeTools): IntakeTools {
  return { ...tools, rate: { takeToken: () => ({ ok: true }) } };
}

/** A full queue is no answer to a row: it waits and asks again. */
async function patiently(tools: IntakeTools, submission: Submission): Promise<IntakeAnswer> {
  for (;;)
    try {
      return await intake(tools, submission);
    } catch (error) {
      if (!(error instanceof BatcherFull)) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    }
}

/** The one format of our columns, in the words of whoever fills one in. */
const NO_DATE = 'is no date: write YYYY-MM-DD or DD/MM/YYYY';

/** With the columns of a kind of rows, or by pointers where each line is a message. */
function answerOf(row: number, answer: IntakeAnswer, kind?: BatchKind): RowAnswer {
  if (!answer.refused) {
    const { messageId } = JSON.parse(answer.receipt) as { messageId: string };
    return { row, ok: true, messageId, repeated: answer.repeat };
  }
  const { code, detail, violations } = answer.refused;
  const problems = violations.map(({ pointer, keyword, message }) => ({
    column: kind ? columnAt(kind, pointer) : pointer,
    reason: kind && keyword === 'format' ? NO_DATE : message,
  }));
  const otherwise = { column: '', reason: `${detail ?? FAULTS[code].means} ${FAULTS[code].remedy}` };
  return { row, ok: false, code, problems: problems.length > 0 ? problems : [otherwise] };
}

/** Recorded as any other refusal; the paths are the columns of our own configuration. */
async function refuseRow(
  tools: IntakeTools,
  partner: string,
  kind: BatchKind,
  { row, cells }: Row,
  problems: CellProblem[],
): Promise<RowAnswer> {
  const violations = problems.map(({ column, reason }): Violation => ({
    pointer: column,
    keyword: 'cell',
    message: reason,
    schemaPath: `#/batches/${kind.id}/${column || 'row'}`,
  }));
  const refused: Refused = {
    code: 'contract/invalid',
    violations,
    type: kind.contract.name,
    externalId: null,
  };
  await refuse(tools, { text: JSON.stringify(cells), partner }, refused);
  return { row, ok: false, code: refused.code, problems };
}
