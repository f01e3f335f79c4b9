import { createHash } from 'node:crypto';
import type { Violation } from '#contracts';
import { ledgerTrouble, safeError } from '../platform/safe-error.js';
import type { IntakeOffset } from '../store/accept-messages.js';
import type { AcceptRow } from '../store/accept-row.js';
import type { ContextQuery, IntakeContext } from '../store/read-context.js';
import { decide } from './decide.js';
import {
  isCaseRaced,
  queryOf,
  refusalOf,
  report,
  reportRefusal,
  seal,
  withId,
  type IntakeTools,
} from './intake.js';
import { validate, type Refused, type Submission, type Validated, type ValidMessage } from './validate.js';

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
    answers.push(...(await acceptApart(tools, partner, part)));
  return answers;
}

interface Candidate {
  record: IntakeRecord;
  submission: Submission;
  message?: ValidMessage;
  refused?: Refused;
}

/**
 * What our own code cannot take is taken record by record, so that a bad one fails alone. It must not hold up its
 * partition for ever: it is refused as our defect, and developers see it.
 */
async function acceptApart(
  tools: BatchTools,
  partner: string,
  part: readonly Candidate[],
): Promise<RecordAnswer[]> {
  try {
    return await acceptPart(tools, partner, part);
  } catch (error) {
    const [only] = part;
    // Of records that race with one another each is decided alone, on what the one before has left.
    const raced = isCaseRaced(error);
    if (ledgerTrouble(error) || !only || (raced && part.length === 1)) throw error;
    if (!raced)
      tools.log.error({ partner, records: part.length, err: safeError(error) }, 'records could not be taken');
    const answers: RecordAnswer[] = [];
    if (part.length > 1) for (const one of part) answers.push(...(await acceptApart(tools, partner, [one])));
    else {
      const refused: Refused = { code: 'defect/unexpected', violations: [], type: null, externalId: null };
      answers.push({ offset: only.record.offset, refused });
      await recordRefusals(tools, [{ candidate: only, answer: { offset: only.record.offset, refused } }]);
      await tools.acceptAll([], [offsetAfter(part)]);
    }
    return answers;
  }
}

async function acceptPart(
  tools: BatchTools,
  partner: string,
  part: readonly Candidate[],
): Promise<RecordAnswer[]> {
  for (let tries = 0; ; tries += 1) {
    const begun = performance.now();
    const decided = await decideAll(tools, part);
    // A renamed safety message is looked up again under its new id.
    if (!decided) continue;
    await recordRefusals(tools, decided);
    const planned = decided.filter((each) => each.row !== undefined);
    const made = await tools
      .acceptAll(
        planned.flatMap(({ row }) => row ?? []),
        [offsetAfter(part)],
      )
      .catch((error: unknown) => {
        if (isCaseRaced(error) && tries < 5) return undefined;
        throw error;
      });
    if (!made) continue;
    for (const { row, cause, candidate } of planned.filter((_, i) => made[i])) {
      if (!row || !candidate.message) continue;
      if (cause !== undefined) await tools.store.settleAnswered(cause, partner);
      report(tools, candidate.message, row, performance.now() - begun);
    }
    // Posted by another door a moment before: what it answered is what counts.
    if (!made.includes(false)) return decided.map(({ answer }) => answer);
  }
}

/** Where reading goes on after a part. */
function offsetAfter(part: readonly Candidate[]): IntakeOffset {
  const { topic, partition, offset } = (part.at(-1) as Candidate).record;
  return { topic, partition, nextOffset: (BigInt(offset) + 1n).toString() };
}

interface Decided {
  candidate: Candidate;
  row?: AcceptRow;
  cause?: string;
  answer: RecordAnswer;
}

/** Undefined where a message got another id, which the ledger must be asked about first. */
async function decideAll(tools: BatchTools, part: readonly Candidate[]): Promise<Decided[] | undefined> {
  const valid = part.flatMap(({ message }) => (message ? [message] : []));
  const contexts =
    valid.length > 0 ? await tools.readContexts(valid.map((message) => queryOf(tools.rules, message))) : [];
  const decided: Decided[] = [];
  for (const candidate of part) {
    const { message, record } = candidate;
    const context = message && contexts[valid.indexOf(message)];
    const refused = (code: Refused['code'], violations: Violation[] = []): RecordAnswer => ({
      offset: record.offset,
      refused: { code, violations, type: message?.contract.name ?? null, externalId: null },
    });
    if (!message || !context) {
      const why = candidate.refused;
      decided.push({
        candidate,
        answer: why ? { offset: record.offset, refused: why } : refused('contract/not-json'),
      });
      continue;
    }
    const verdict = decide(tools, message, context);
    if (verdict.do === 'rename') {
      candidate.message = verdict.message;
      return undefined;
    }
    if (verdict.do === 'refuse')
      decided.push({ candidate, answer: refused(verdict.code, verdict.violations) });
    else if (verdict.do === 'repeat')
      decided.push({ candidate, answer: { offset: record.offset, receipt: verdict.receipt } });
    else {
      const row = await seal(tools, verdict.planned, message.envelope, verdict.digest);
      const cause = context.cause?.messageId;
      decided.push({
        candidate,
        row,
        answer: { offset: record.offset, receipt: row.receipt },
        ...(cause && { cause }),
      });
    }
  }
  return decided;
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
    const { message, refused } = validated(tools, submission);
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

/** A fault of ours in validation is that record's alone. */
function validated(tools: BatchTools, submission: Submission): Validated {
  try {
    return validate(tools.rules, submission);
  } catch (error) {
    tools.log.error({ err: safeError(error) }, 'a record could not be validated');
    return { refused: { code: 'defect/unexpected', violations: [], type: null, externalId: null } };
  }
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

/** A UUID (version 8) made of a record's place. */
function placeId(topic: string, partition: number, offset: string): string {
  const hex = createHash('sha256').update(`${topic} ${partition} ${offset}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
