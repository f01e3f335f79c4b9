/** Why something could not go on. The set of kinds is closed; every code is documented in `docs/faults.md`. */
export interface Fault {
  kind: FaultKind;
  /** `<kind>/<name>`, stable. */
  code: FaultCode;
  /** The named stage that found it. */
  stage: string;
  /** A sentence for people; never payload. */
  detail: string;
}

export const FAULT_KINDS = [
  'identity',
  'contract',
  'consent',
  'routing',
  'partner-unavailable',
  'partner-refused',
  'uncertain',
  'infrastructure',
  'defect',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Who answers for a dead letter. */
export const OWNER_CLASSES = [
  'sender-data',
  'sender-contract',
  'receiver-refused',
  'credentials',
  'routing',
  'consent',
  'uncertain',
  'overdue',
  'defect',
] as const;
export type OwnerClass = (typeof OWNER_CLASSES)[number];

interface FaultEntry {
  /** HTTP status where the fault answers a request; 0 where it only parks or ends a delivery. */
  status: number;
  /** What it means. */
  means: string;
  /** What to do about it. */
  remedy: string;
  /** Who answers for a dead letter with this code. */
  owner: OwnerClass;
}
const fault = (status: number, owner: OwnerClass, means: string, remedy: string): FaultEntry => ({
  status,
  owner,
  means,
  remedy,
});

/** The whole list. `docs/faults.md` is printed from it; tests hold it against `tests/approved`. */
export const FAULTS = {
  'identity/no-token': fault(
    401,
    'credentials',
    'The request carries no bearer token.',
    'Get one at POST /oauth2/token and send it as Authorization: Bearer.',
  ),
  'identity/bad-token': fault(
    401,
    'credentials',
    'The token is expired, not signed by a known issuer, or not for this hub.',
    'Get a new one at POST /oauth2/token.',
  ),
  'identity/not-allowed': fault(
    403,
    'credentials',
    'The token is good, but does not allow this.',
    'Use a token of the party that may do it.',
  ),
  'identity/foreign-source': fault(
    403,
    'credentials',
    'The message names another partner as its source.',
    'Send only as yourself: source must be /partners/<your id>.',
  ),
  'identity/rate-limited': fault(
    429,
    'credentials',
    'More messages than the rate limit allows.',
    'Wait as long as Retry-After says and send again.',
  ),
  'contract/not-json': fault(400, 'sender-data', 'The body is not JSON.', 'Send one JSON object in UTF-8.'),
  'contract/forbidden-key': fault(
    400,
    'sender-data',
    'A key such as __proto__ is not allowed anywhere.',
    'Remove the key that the pointer names.',
  ),
  'contract/too-large': fault(
    413,
    'sender-data',
    'The body is larger than the limit.',
    'Send at most 256 KiB (a FHIR bundle 1 MiB, a file of rows 10 MiB); documents go to their own endpoint.',
  ),
  'contract/too-deep': fault(
    400,
    'sender-data',
    'The JSON is nested deeper than 32 or has more than 2,000 nodes.',
    'Send a flatter, smaller message.',
  ),
  'contract/unreadable-file': fault(
    400,
    'sender-data',
    'A file of rows cannot be read as one: its encoding, its columns or its length.',
    'Mend the file as the detail says and send it again; GET /v1/batches tells the columns.',
  ),
  'contract/media-type': fault(
    415,
    'sender-contract',
    'The content type is not one that this door takes.',
    'Use application/cloudevents+json (or application/fhir+json at /fhir).',
  ),
  'contract/envelope': fault(
    422,
    'sender-data',
    'The envelope is not a valid one.',
    'Mend what the pointers name; schemas/envelope/v1.json has the rules.',
  ),
  'contract/unknown-type': fault(
    422,
    'sender-contract',
    'No contract has this type.',
    'GET /v1/contracts lists them.',
  ),
  'contract/unknown-version': fault(
    422,
    'sender-contract',
    'The type is known, but not at this version.',
    'GET /v1/contracts lists the versions.',
  ),
  'contract/invalid': fault(
    422,
    'sender-data',
    'The data does not satisfy its contract.',
    'Mend what the pointers name.',
  ),
  'contract/findings': fault(
    0,
    'sender-data',
    'A safety message was delivered with the findings attached.',
    'Ask the sender to send the missing facts.',
  ),
  'contract/id-reused': fault(
    409,
    'sender-data',
    'The same source and id came before with another body.',
    'Give a new message a new id.',
  ),
  'contract/case-mismatch': fault(
    409,
    'sender-data',
    'caseref and partnercaseref name different cases.',
    'Send only the one that you are sure of.',
  ),
  'contract/fhir': fault(
    422,
    'sender-data',
    'The bundle is not a message that this hub understands.',
    'GET /fhir/metadata names the supported messages.',
  ),
  'contract/exchange': fault(
    400,
    'sender-contract',
    'A header or a version that the exchange of FHIR messages needs is missing or malformed.',
    'Send X-Request-Id and X-Correlation-Id as UUIDs, and the version in Bundle.meta.versionId.',
  ),
  'contract/not-acceptable': fault(
    406,
    'sender-contract',
    'The answer is asked for in a form or version that is not spoken here.',
    'Accept application/fhir+json; GET /fhir/metadata names the version.',
  ),
  'contract/no-downcast': fault(
    0,
    'sender-contract',
    'The recipient reads no version that this message can be cast to.',
    'Agree a version with the partner, then replay.',
  ),
  'consent/not-recorded': fault(
    0,
    'consent',
    'The basis is consent, and none is recorded.',
    'Record the consent (consent.changed); the delivery goes on by itself.',
  ),
  'consent/refused': fault(
    0,
    'consent',
    'Consent was refused or withdrawn.',
    'Nothing: the origin has been told.',
  ),
  'consent/override-stripped': fault(
    0,
    'consent',
    'An override was used: only the safety minimum was sent, and a review is open.',
    'Review it within one working day.',
  ),
  'consent/agreement-pending': fault(
    0,
    'consent',
    'The agreement with the partner is not yet in force or has lapsed.',
    'Bring the agreement into force; the delivery goes on by itself.',
  ),
  'consent/agreement-ended': fault(
    0,
    'consent',
    'The agreement with the partner was ended.',
    'Nothing: the origin has been told.',
  ),
  'consent/recalled': fault(
    0,
    'consent',
    'The message was taken back before this copy was read.',
    'Nothing: whoever has it was told.',
  ),
  'consent/above-basis': fault(
    0,
    'consent',
    'With this sharing basis nothing above S1 may leave.',
    'Send again with the right basis.',
  ),
  'routing/no-route': fault(0, 'routing', 'No route matched.', 'Redirect it, and mend the routes.'),
  'routing/denied': fault(
    0,
    'routing',
    'A deny route took away everybody whom it was for; its routing says which and why.',
    'Choose another service, redirect it, or discard it and tell the sender.',
  ),
  'routing/nothing-to-recall': fault(
    422,
    'sender-data',
    'No message that the sender may take back has this id.',
    'Name the messageId of a message of your own; the front door may take back any.',
  ),
  'routing/role-moved': fault(
    0,
    'routing',
    'It waits for a partner whose role another one fills now.',
    'Redirect it to the successor.',
  ),
  'routing/no-partner': fault(
    0,
    'routing',
    'A role has no partner today.',
    'Give the role a partner; the delivery goes on by itself.',
  ),
  'routing/no-adapter': fault(
    0,
    'routing',
    'The partner has no adapter here.',
    'Start an adapter for it, or redirect.',
  ),
  'partner-unavailable/given-up': fault(
    0,
    'overdue',
    'Not delivered within the time to give up.',
    'See that the partner is back, then replay.',
  ),
  'partner-unavailable/not-acknowledged': fault(
    0,
    'overdue',
    'Carried, but not acknowledged in time.',
    'Ring the partner; replay if it never came.',
  ),
  'partner-unavailable/undelivered': fault(
    0,
    'overdue',
    'Carried, but the channel gave it back: it has not arrived.',
    'Ring the partner, whose mailbox nobody emptied; replay when it does.',
  ),
  'partner-unavailable/credentials': fault(
    0,
    'credentials',
    'The partner does not accept our credentials; its gate is closed.',
    'Mend the credentials, then resume the partner.',
  ),
  'partner-refused/refused': fault(
    0,
    'receiver-refused',
    'The partner refused the message for good.',
    'Read its answer in the attempt; repair, redirect or discard.',
  ),
  'uncertain/maybe-arrived': fault(
    0,
    'uncertain',
    'The body may have arrived, and no proof came.',
    'Ask the partner whether it has the delivery id; then replay or discard.',
  ),
  'uncertain/lease-lost': fault(
    0,
    'uncertain',
    'The process that made the attempt died after it had begun.',
    'Ask the partner whether it has the delivery id; then replay or discard.',
  ),
  'infrastructure/unavailable': fault(
    503,
    'defect',
    'The ledger cannot be reached.',
    'Send again after Retry-After; nothing was stored.',
  ),
  'infrastructure/busy': fault(
    503,
    'defect',
    'More work than the hub can hold.',
    'Send again after Retry-After.',
  ),
  'infrastructure/not-found': fault(404, 'defect', 'No such thing, or not yours to see.', 'Look at the id.'),
  'infrastructure/bad-request': fault(
    400,
    'sender-data',
    'A parameter is wrong.',
    'Mend what the pointers name.',
  ),
  'infrastructure/conflict': fault(
    409,
    'defect',
    'The thing is no longer in a state that allows this.',
    'Read it again; somebody may have been faster.',
  ),
  'defect/unexpected': fault(
    500,
    'defect',
    'A fault of ours.',
    'It has been logged; please report the request id.',
  ),
} as const satisfies Record<string, FaultEntry>;
export type FaultCode = keyof typeof FAULTS;

/** Builds a fault from its code; the kind is the code's first part. */
export function faultOf(code: FaultCode, stage: string, detail: string = FAULTS[code].means): Fault {
  return { kind: code.slice(0, code.indexOf('/')) as FaultKind, code, stage, detail };
}
