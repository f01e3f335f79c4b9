import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Band, Contracts, Envelope, Violation } from '#contracts';
import type { Logger } from '../platform/log.js';
import { station } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import type { RateLimit } from '../platform/rate-limit.js';
import { hmac, type HubKeys } from '../platform/sealing.js';
import { CASE_RACED } from '../store/accept-messages.js';
import type { AcceptRow } from '../store/accept-row.js';
import type { ContextQuery, IntakeContext } from '../store/read-context.js';
import { monthOf, type Bodies } from '../store/sealing-keys.js';
import type { Refusal } from '../store/refusals.js';
import { isUuid, recalledBy, type AcceptRules } from './accept.js';
import { decide } from './decide.js';
import { validate, type Refused, type Submission, type ValidMessage } from './validate.js';

/** What the ledger does for intake, gathered into batches. */
export interface IntakeStore {
  readContext(query: ContextQuery, band: Band): Promise<IntakeContext>;
  /** Answers whether this call made the message. */
  accept(row: AcceptRow): Promise<boolean>;
  recordRefusal(refusal: Refusal): Promise<void>;
  /** The sender of an answer had the message that it names: that delivery ends (R4). */
  settleAnswered(cause: string, partner: string): Promise<void>;
}

export interface IntakeTools {
  rules: AcceptRules;
  store: IntakeStore;
  bodies: Bodies;
  keys: HubKeys;
  rate: Pick<RateLimit, 'takeToken'>;
  metrics: Metrics;
  log: Logger;
}

export type IntakeAnswer =
  | { receipt: string; messageId?: string; repeat: boolean; refused?: undefined }
  | { receipt?: undefined; refused: Refused };

/** LINE 1. One submission in, one committed Receipt or one recorded refusal out. Throws only infrastructure faults. */
export async function intake(
  tools: IntakeTools,
  submission: Submission,
  options: { only?: 'validate' } = {},
): Promise<IntakeAnswer> {
  const begun = performance.now();
  const validated = validate(tools.rules, submission);
  if (validated.refused) return options.only ? validated : refuse(tools, submission, validated.refused);
  let message = withId(tools.keys, validated.message, submission.text);

  const limited = overRate(tools, message);
  if (limited) return { refused: limited };

  for (let tries = 0; ; tries += 1) {
    const context = await tools.store.readContext(queryOf(tools.rules, message), message.contract.band);
    const verdict = decide(tools, message, context);
    if (verdict.do === 'repeat') return { receipt: verdict.receipt, repeat: true };
    if (verdict.do === 'refuse')
      return refuse(tools, submission, refusedAs(message, verdict.code, verdict.violations));
    if (verdict.do === 'rename') {
      message = verdict.message;
      continue;
    }
    if (options.only) return { receipt: verdict.planned.receipt, repeat: false };

    const row = await seal(tools, verdict.planned, message.envelope, verdict.digest);
    const made = await tools.store.accept(row).catch((error: unknown) => {
      if (isCaseRaced(error) && tries < 5) return undefined;
      throw error;
    });
    // Somebody bound the same reference, or posted the same message, a moment before: look again.
    if (made !== true) continue;

    if (context.cause) await tools.store.settleAnswered(context.cause.messageId, message.partner);
    report(tools, message, row, performance.now() - begun);
    return { receipt: row.receipt, messageId: row.messageId, repeat: false };
  }
}

/** The row that accept writes: what was planned, with the body sealed. */
export async function seal(
  tools: Pick<IntakeTools, 'bodies'>,
  planned: Omit<AcceptRow, 'digest' | 'sealed'>,
  envelope: Envelope,
  digest: Buffer,
): Promise<AcceptRow> {
  return { ...planned, digest, sealed: await tools.bodies.seal(planned.messageId, JSON.stringify(envelope)) };
}

export function queryOf(
  { alliance }: Pick<AcceptRules, 'alliance'>,
  { envelope, contract, partner }: Pick<ValidMessage, 'envelope' | 'contract' | 'partner'>,
): ContextQuery {
  const { causationid } = envelope;
  return {
    source: envelope.source,
    externalId: envelope.id,
    sender: partner,
    caseRef: envelope.caseref ?? null,
    partnerCaseRef: envelope.partnercaseref ?? null,
    causationId: causationid !== undefined && isUuid(causationid) ? causationid : null,
    recalls: recalledBy(alliance, contract, envelope),
  };
}

export function isCaseRaced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === CASE_RACED;
}

/** A safety message without an id is the same message when it comes again with the same text. */
export function withId(keys: HubKeys, message: ValidMessage, text: string): ValidMessage {
  if (message.envelope.id !== '') return message;
  return { ...message, envelope: { ...message.envelope, id: hmac(keys, text).toString('hex') } };
}

function overRate(tools: IntakeTools, message: ValidMessage): Refused | undefined {
  if (message.contract.safety) return undefined;
  const token = tools.rate.takeToken(message.partner);
  if (token.ok) return undefined;
  tools.metrics.rateLimited.inc({ partner: message.partner });
  return { ...refusedAs(message, 'identity/rate-limited'), retryAfterMs: token.retryAfterMs };
}

function refusedAs(message: ValidMessage, code: Refused['code'], violations: Violation[] = []): Refused {
  return { code, violations, type: message.contract.name, externalId: message.envelope.id };
}

/** The sender is told; the record keeps paths and an HMAC, and the body sealed for seven days. */
export async function refuse(
  tools: IntakeTools,
  submission: Submission,
  refused: Refused,
): Promise<IntakeAnswer> {
  await tools.store.recordRefusal(await refusalOf(tools, submission, refused, randomUUID()));
  reportRefusal(tools, submission, refused);
  return { refused };
}

export async function refusalOf(
  tools: Pick<IntakeTools, 'bodies' | 'keys'> & { rules: { contracts: Contracts } },
  submission: Submission,
  refused: Refused,
  refusalId: string,
): Promise<Refusal> {
  const sealId = uuidv7();
  const known = refused.type !== null && tools.rules.contracts.get(refused.type) !== undefined;
  return {
    refusalId,
    partner: submission.partner,
    code: refused.code,
    type: known ? refused.type : null,
    externalId: null,
    size: Buffer.byteLength(submission.text),
    digest: hmac(tools.keys, submission.text),
    paths: [...new Set(refused.violations.map((violation) => violation.schemaPath))],
    keywords: [...new Set(refused.violations.map((violation) => violation.keyword))],
    sealed: await tools.bodies.seal(sealId, submission.text),
    month: monthOf(sealId),
  };
}

export function reportRefusal(
  tools: Pick<IntakeTools, 'metrics' | 'log'>,
  submission: Submission,
  refused: Refused,
): void {
  tools.metrics.refusals.inc({ partner: submission.partner, code: refused.code });
  station(tools.log, 'hub.refused', { partner: submission.partner, code: refused.code });
}

export function report(
  tools: Pick<IntakeTools, 'metrics' | 'log'>,
  message: ValidMessage,
  row: AcceptRow,
  tookMs: number,
): void {
  const { contract, partner, findings } = message;
  tools.metrics.accepts.inc({ partner, type: contract.name, band: contract.band });
  tools.metrics.acceptSeconds.observe({ band: contract.band }, tookMs / 1000);
  station(tools.log, 'hub.accepted', {
    messageId: row.messageId,
    caseRef: row.caseRef,
    partner,
    type: contract.name,
    deliveries: row.deliveries.length,
    to: row.deliveries.map((delivery) => delivery.partner),
    findings: findings.length,
    tookMs: Math.round(tookMs * 100) / 100,
  });
}
