import { createHash } from 'node:crypto';
import type { AcceptRow, IntakeOffset } from '../store/accept-messages.js';
import type { ContextQuery, IntakeContext } from '../store/read-context.js';
import { planMessage } from './accept.js';
import {
  digestOf,
  isCaseRaced,
  queryOf,
  refusalOf,
  report,
  reportRefusal,
  seal,
  withId,
  type IntakeTools,
} from './intake.js';
import { validate, type Refused, type Submission, type ValidMessage } from './validate.js';

/** A record of an intake topic; its place in the topic names it for ever. */
export interface IntakeRecord {
  text: string;
  topic: string;
  partition: number;
  offset: string;
}

export interface BatchTools extends IntakeTools {
  readContexts(queries: readonly ContextQuery[]): Promise<IntakeContext[]>;
  /** One transaction: the rows and how far the topic has been read. Answers which rows this call made. */
  acceptAll(rows: readonly AcceptRow[], offsets: readonly IntakeOffset[]): Promise<boolean[]>;
}

/** What became of one record, in its order. */
export type RecordAnswer = { offset: string; receipt: string } | { offset: string; refused: Refused };

/**
 * LINE 1 for a topic: the same stages, one accept for many records, and the offset in accept's own transaction, so that
 * a record takes effect exactly once whatever dies in between.
 */
export async function intakeBatch(
  tools: BatchTools,
  partner: string,
  records: readonly IntakeRecord[],
): Promise<RecordAnswer[]> {
  const answers: RecordAnswer[] = [];
  for (const part of withoutRepeats(tools, partner, records))
    answers.push(...(await acceptPart(tools, partner, part)));
  return answers;
}

interface Candidate {
  record: IntakeRecord;
  submission: Submission;
  message?: ValidMessage;
  refused?: Refused;
}

async function acceptPart(
  tools: BatchTools,
  partner: string,
  part: readonly Candidate[],
): Promise<RecordAnswer[]> {
  for (let tries = 0; ; tries += 1) {
    const begun = performance.now();
    const valid = part.filter((candidate) => candidate.message !== undefined);
    const contexts =
      valid.length > 0
        ? await tools.readContexts(valid.map(({ message }) => queryOf(message as ValidMessage)))
        : [];
    const decided = await Promise.all(
      part.map((candidate) => decide(tools, candidate, contexts[valid.indexOf(candidate)])),
    );
    await recordRefusals(tools, decided);
    const rows = decided.flatMap(({ row }) => (row ? [row] : []));
    const last = part.at(-1)?.record as IntakeRecord;
    const offset = {
      topic: last.topic,
      partition: last.partition,
      nextOffset: (BigInt(last.offset) + 1n).toString(),
    };
    try {
      const made = await tools.acceptAll(rows, [offset]);
      // Posted by another door a moment before: what it answered is what counts.
      if (made.includes(false)) continue;
    } catch (error) {
      if (isCaseRaced(error) && tries < 5) continue;
      throw error;
    }
    await settleAnswers(tools, partner, decided);
    for (const { row, candidate } of decided)
      if (row && candidate.message) report(tools, candidate.message, row, performance.now() - begun);
    return decided.map(({ answer }) => answer);
  }
}

interface Decided {
  candidate: Candidate;
  row?: AcceptRow;
  cause?: string;
  answer: RecordAnswer;
}

async function decide(
  tools: BatchTools,
  candidate: Candidate,
  context: IntakeContext | undefined,
): Promise<Decided> {
  const { offset } = candidate.record;
  const refuse = (refused: Refused): Decided => ({ candidate, answer: { offset, refused } });
  const { message } = candidate;
  if (!message || !context)
    return refuse(
      candidate.refused ?? { code: 'contract/not-json', violations: [], type: null, externalId: null },
    );
  const refusedAs = (code: Refused['code']): Decided =>
    refuse({ code, violations: [], type: message.contract.name, externalId: message.envelope.id });
  const digest = digestOf(tools.keys, message.envelope);
  if (context.known)
    return context.known.digest.equals(digest)
      ? { candidate, answer: { offset, receipt: context.known.receipt } }
      : refusedAs('contract/id-reused');
  const planned = planMessage(tools.rules, message, context);
  if ('mismatch' in planned) return refusedAs('contract/case-mismatch');
  const row = await seal(tools, planned, message.envelope, digest);
  return {
    candidate,
    row,
    answer: { offset, receipt: row.receipt },
    ...(context.cause && { cause: context.cause.messageId }),
  };
}

/**
 * Parts in which no id and no reference of a partner comes twice, and no message joins what another of the same part
 * opens: each part is decided on what the ledger knew before it.
 */
function* withoutRepeats(
  tools: BatchTools,
  partner: string,
  records: readonly IntakeRecord[],
): Generator<Candidate[]> {
  let part: Candidate[] = [];
  let seen = new Set<string>();
  for (const record of records) {
    const submission = { text: record.text, partner };
    const { message, refused } = validate(tools.rules.contracts, submission);
    const candidate: Candidate = {
      record,
      submission,
      ...(refused ? { refused } : { message: withId(tools.keys, message, record.text) }),
    };
    const names = message
      ? [`id ${candidate.message?.envelope.id}`, `case ${message.envelope.partnercaseref}`]
      : [];
    if (names.some((name) => name !== 'case undefined' && seen.has(name))) {
      yield part;
      part = [];
      seen = new Set();
    }
    names.forEach((name) => seen.add(name));
    part.push(candidate);
  }
  if (part.length > 0) yield part;
}

/** Recorded before the offset moves, under an id made of the record's place: read again, it is the same refusal. */
async function recordRefusals(tools: BatchTools, decided: readonly Decided[]): Promise<void> {
  for (const { candidate, answer } of decided) {
    if (!('refused' in answer)) continue;
    const { topic, partition, offset } = candidate.record;
    await tools.store.recordRefusal(
      await refusalOf(tools, candidate.submission, answer.refused, placeId(topic, partition, offset)),
    );
    reportRefusal(tools, candidate.submission, answer.refused);
  }
}

async function settleAnswers(tools: BatchTools, partner: string, decided: readonly Decided[]): Promise<void> {
  for (const { row, cause } of decided)
    if (row && cause !== undefined) await tools.store.settleAnswered(cause, partner);
}

/** A UUID (version 8) made of a record's place. */
function placeId(topic: string, partition: number, offset: string): string {
  const hex = createHash('sha256').update(`${topic} ${partition} ${offset}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
