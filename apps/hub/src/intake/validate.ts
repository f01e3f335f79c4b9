import { checkLimits, MOST_VIOLATIONS, parseJson, partnerOfSource, sourceOfPartner } from '#contracts';
import type {
  Contract,
  Contracts,
  Envelope,
  Facts,
  FaultCode,
  Finding,
  Partner,
  Violation,
} from '#contracts';

/** What a door hands to intake. The door has authenticated the partner. */
export interface Submission {
  /** The raw body, as it came. */
  text: string;
  /** Who sends it, by its credentials or its topic. */
  partner: string;
  /** Given by a door that translated the body into an envelope (FHIR); else `text` is the envelope. */
  envelope?: unknown;
  /** What that door found wrong with a safety message. */
  findings?: readonly KeptFinding[];
}

/** What is wrong with a message that is taken all the same; a severity where a rule or a door says so. */
export type KeptFinding = Violation & Partial<Pick<Finding, 'severity'>>;

/** A message that satisfies its contract, or a safety message with what is wrong with it attached. */
export interface ValidMessage {
  partner: string;
  envelope: Envelope;
  contract: Contract;
  /** The gravest `MOST_VIOLATIONS` of them. */
  findings: KeptFinding[];
  /** What rules add to the facts that routes look at. */
  facts?: Facts;
}

/** Why a message is refused. Nothing of its values stands in it. */
export interface Refused {
  code: FaultCode;
  detail?: string;
  violations: Violation[];
  /** For the record of the refusal, where known and well-formed. */
  type: string | null;
  externalId: string | null;
  retryAfterMs?: number;
}

export type Validated =
  { message: ValidMessage; refused?: undefined } | { message?: undefined; refused: Refused };

/** What a message is held against. */
export interface ValidateRules {
  contracts: Contracts;
  /** Each declares the types that it sends. */
  partners: ReadonlyMap<string, Pick<Partner, 'sends'>>;
}

/** A message is at most 256 KiB; what comes by the FHIR door was held against the limit there. */
export const MOST_BYTES = 256 * 1024;

const LIMIT_CODES: Record<string, FaultCode> = {
  depth: 'contract/too-deep',
  nodes: 'contract/too-deep',
  key: 'contract/forbidden-key',
};

const NO_TEXT = ['unicode', 'nul'];

/** Is it a contract, and does it say who sent it truly? Safety types pass with findings (R8). Pure. */
export function validate({ contracts, partners }: ValidateRules, submission: Submission): Validated {
  const refuse = (code: FaultCode, violations: Violation[] = [], detail?: string): Validated => ({
    refused: {
      code,
      violations,
      type: textOf(value, 'type'),
      externalId: textOf(value, 'id'),
      ...(detail && { detail }),
    },
  });
  let value: unknown = submission.envelope;
  if (value === undefined) {
    if (Buffer.byteLength(submission.text) > MOST_BYTES) return refuse('contract/too-large');
    const parsed = parseJson(submission.text);
    if (!parsed.value) return refuse('contract/not-json', [], parsed.detail);
    value = parsed.value;
  }
  let limit = checkLimits(value);
  const name = textOf(value, 'type');
  const contract = name === null ? undefined : contracts.get(name);
  const safety = contract?.safety === true ? contract : safetyContract(contracts, name);
  const findings = [...(submission.findings ?? [])];
  if (safety && limit && NO_TEXT.includes(limit.keyword)) {
    findings.push(limit);
    value = asText(value);
    limit = checkLimits(value);
  }
  // Only a forbidden key can be carried as a finding: what is too deep has no canonical form.
  if (limit && !(safety && limit.keyword === 'key'))
    return refuse(LIMIT_CODES[limit.keyword] ?? 'contract/not-json', [limit]);
  if (safety)
    return {
      message: safetyMessage(
        contracts,
        safety,
        { ...submission, findings },
        value as Record<string, unknown>,
        limit,
      ),
    };

  const envelopeFaults = contracts.validateEnvelope(value);
  if (envelopeFaults.length > 0) return refuse('contract/envelope', envelopeFaults);
  const envelope = value as Envelope;
  if (!contract)
    return refuse(knownType(contracts, envelope.type) ? 'contract/unknown-version' : 'contract/unknown-type');
  if (partnerOfSource(envelope.source) !== submission.partner) return refuse('identity/foreign-source');
  if (!partners.get(submission.partner)?.sends.includes(`${contract.type}.v${contract.major}`))
    return refuse('identity/not-allowed', [], 'This partner is not declared to send this type.');
  const violations = contracts.validate(contract, envelope);
  if (violations.length > 0) return refuse('contract/invalid', violations);
  return { message: { partner: submission.partner, envelope, contract, findings: [] } };
}

/** Any finding is attached, none refuses: what is missing to carry the message is put in, and said. */
function safetyMessage(
  contracts: Contracts,
  contract: Contract,
  submission: Submission,
  value: Record<string, unknown>,
  limit: Violation | undefined,
): ValidMessage {
  const envelopeFaults = contracts.validateEnvelope(value);
  const findings = [...(submission.findings ?? []), ...(limit ? [limit] : []), ...envelopeFaults];
  const source = sourceOfPartner(submission.partner);
  if (value.source !== source)
    findings.push({
      pointer: '/source',
      keyword: 'const',
      message: 'must name the sender',
      schemaPath: '#/source',
    });
  // What is no object is carried as it stands: in a safety message every word counts.
  const data = isObject(value.data) ? value.data : value.data === undefined ? {} : { received: value.data };
  const envelope = {
    ...withoutTooLong(onlyText(value), envelopeFaults),
    specversion: '1.0',
    // Without an id of its own, the same text is the same message.
    id: textOf(value, 'id') ?? '',
    source,
    type: contract.name,
    ...(value.testflag === true && { testflag: true }),
    data,
  } as Envelope;
  return {
    partner: submission.partner,
    envelope,
    contract,
    findings: gravest([...findings, ...contracts.validate(contract, envelope)]),
  };
}

/** As many findings as are kept: what is only of poor quality crowds out nothing that a person must ring for. */
export function gravest(findings: readonly KeptFinding[]): KeptFinding[] {
  const isPoor = ({ severity }: KeptFinding): boolean => severity === 'quality';
  return [...findings.filter((each) => !isPoor(each)), ...findings.filter(isPoor)].slice(0, MOST_VIOLATIONS);
}

/** Attributes but for those that are too long: a reference of any length must not reach an index. */
function withoutTooLong(
  attributes: Record<string, string>,
  faults: readonly Violation[],
): Record<string, string> {
  const tooLong = new Set(
    faults.filter(({ keyword }) => keyword === 'maxLength').map(({ pointer }) => pointer),
  );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !tooLong.has(`/${name}`)));
}

/** Attributes that are text, as every attribute but `testflag` and `data` must be. */
function onlyText(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The newest contract of a safety type, whatever version the name asks for. */
function safetyContract(contracts: Contracts, name: string | null): Contract | undefined {
  const type = /^mta\.(.+)\.v\d+$/.exec(name ?? '')?.[1];
  const newest = type === undefined ? undefined : contracts.byType(type).at(-1);
  return newest?.safety ? newest : undefined;
}

/** What is no text is taken out of a safety message, and said. */
function asText(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string'
      ? member.toWellFormed().replaceAll('\0', '')
      : isObject(member)
        ? Object.fromEntries(
            Object.entries(member).map(([key, inner]) => [key.toWellFormed().replaceAll('\0', ''), inner]),
          )
        : member,
  );
  return JSON.parse(text) as unknown;
}

function knownType(contracts: Contracts, name: string): boolean {
  const type = /^mta\.(.+)\.v\d+$/.exec(name)?.[1];
  return type !== undefined && contracts.byType(type).length > 0;
}

function textOf(value: unknown, key: string): string | null {
  const text = isObject(value) ? value[key] : undefined;
  return typeof text === 'string' && text.length <= 255 ? text : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
