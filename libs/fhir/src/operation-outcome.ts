import { FAULTS, type Fault, type FaultCode, type Violation } from '#contracts';
import type * as fhir4 from 'fhir/r4.js';
import type { Complaint } from './complaint.js';
import { CODES, EXTENSIONS } from './names.js';
import type { NotCarried } from './not-carried.js';

type Issue = fhir4.OperationOutcomeIssue;

/** HTTP status → the receiver's error code in the manner of NHS Booking and Referral, and FHIR's sort of issue. */
const BY_STATUS: Record<number, { error: string; issue: Issue['code'] }> = {
  400: { error: 'REC_BAD_REQUEST', issue: 'structure' },
  401: { error: 'REC_UNAUTHORIZED', issue: 'login' },
  403: { error: 'REC_FORBIDDEN', issue: 'forbidden' },
  404: { error: 'REC_NOT_FOUND', issue: 'not-found' },
  406: { error: 'REC_NOT_ACCEPTABLE', issue: 'processing' },
  409: { error: 'REC_CONFLICT', issue: 'conflict' },
  413: { error: 'REC_UNPROCESSABLE_ENTITY', issue: 'too-long' },
  415: { error: 'REC_UNSUPPORTED_MEDIA_TYPE', issue: 'not-supported' },
  422: { error: 'REC_UNPROCESSABLE_ENTITY', issue: 'invalid' },
  429: { error: 'REC_TOO_MANY_REQUESTS', issue: 'throttled' },
  503: { error: 'REC_UNAVAILABLE', issue: 'transient' },
};
/** A sender mends the first few and sends again. */
const MOST_ISSUES = 20;
const UNEXPECTED = { error: 'REC_SERVER_ERROR', issue: 'exception' } as const;

/**
 * A refusal or a remark in FHIR's words. `diagnostics` must hold nothing of the message. A pointer that begins with
 * `/entry` leads into the bundle and becomes a FHIRPath expression; any other leads into the JSON form of the message.
 */
export function operationOutcome(
  code: FaultCode,
  diagnostics: string,
  severity: Issue['severity'] = 'error',
  pointers: readonly string[] = [],
): fhir4.OperationOutcome {
  const places = pointers.length > 0 ? pointers : [undefined];
  return outcomeOf(places.map((pointer) => issueOf(code, { diagnostics, severity, pointer })));
}

/** A fault of the intake line, with what the schema says against the message. */
export function outcomeOfFault(
  fault: Pick<Fault, 'code' | 'detail'>,
  violations: readonly Violation[] = [],
): fhir4.OperationOutcome {
  if (violations.length === 0)
    return operationOutcome(fault.code, `${fault.detail} ${FAULTS[fault.code].remedy}`);
  return outcomeOf(
    violations.map(({ message, pointer }) =>
      issueOf(fault.code, { diagnostics: message, severity: 'error', pointer }),
    ),
  );
}

/** The same answer with a sentence more, for people: R8 tells a sender to telephone. */
export function withRemark(outcome: fhir4.OperationOutcome, diagnostics: string): fhir4.OperationOutcome {
  return {
    ...outcome,
    issue: [...outcome.issue, remark(diagnostics)],
  };
}

/** What is wrong with a bundle, one issue each. */
export function outcomeOfComplaints(
  complaints: readonly Complaint[],
  severity: Issue['severity'] = 'error',
): fhir4.OperationOutcome {
  const once = new Map(
    complaints.map((complaint) => [`${complaint.pointer} ${complaint.diagnostics}`, complaint]),
  );
  return outcomeOf(
    Array.from(once.values())
      .slice(0, MOST_ISSUES)
      .map(({ fault = 'contract/fhir', ...complaint }) =>
        issueOf(fault, { severity, ofBundle: true, ...complaint }),
      ),
  );
}

/** What a bundle says and its message does not: told to the sender, who knows whether it matters. */
export function remarksOn(left: readonly NotCarried[]): Issue[] {
  const isAll = left.length <= MOST_ISSUES;
  const told = left.slice(0, isAll ? MOST_ISSUES : MOST_ISSUES - 1).map(({ pointer, resourceType }) => ({
    ...remark(`The message has no place for this element of ${resourceType}: it is not carried.`),
    expression: [fhirPathOf(pointer)],
  }));
  return isAll
    ? told
    : [...told, remark(`${left.length - told.length} more elements of the bundle are not carried.`)];
}

const remark = (diagnostics: string): Issue => ({ severity: 'warning', code: 'informational', diagnostics });

const outcomeOf = (issue: Issue[]): fhir4.OperationOutcome => ({ resourceType: 'OperationOutcome', issue });

function issueOf(
  code: FaultCode,
  about: {
    diagnostics: string;
    severity: Issue['severity'];
    pointer?: string;
    /** Into which form of the message the pointer leads; left out, how it begins tells. */
    ofBundle?: true;
    issue?: Issue['code'];
  },
): Issue {
  const { error, issue } = BY_STATUS[FAULTS[code].status] ?? UNEXPECTED;
  const { pointer } = about;
  const isOfBundle = about.ofBundle ?? (pointer === '' || pointer?.startsWith('/entry'));
  return {
    ...(pointer !== undefined &&
      !isOfBundle && { extension: [{ url: EXTENSIONS.contractPointer, valueString: pointer }] }),
    severity: about.severity,
    code: about.issue ?? issue,
    details: {
      coding: [
        { system: CODES.httpError, code: error },
        { system: CODES.fault, code },
      ],
    },
    diagnostics:
      pointer === undefined || isOfBundle ? about.diagnostics : `${about.diagnostics} (at ${pointer})`,
    ...(pointer !== undefined && isOfBundle && { expression: [fhirPathOf(pointer)] }),
  };
}

/** `/entry/0/resource/source` → `Bundle.entry[0].resource.source`; what extends a primitive is below its name. */
const fhirPathOf = (pointer: string): string =>
  `Bundle${pointer.replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll(/\/_?/g, '.')}`;
