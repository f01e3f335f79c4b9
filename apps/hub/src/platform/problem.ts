import { FAULTS, type FaultCode, type Violation } from '#contracts';

/** An expected refusal of a request. The filter turns it into problem+json, or an OperationOutcome under /fhir. */
export class ProblemException extends Error {
  override readonly name = 'ProblemException';
  constructor(
    readonly code: FaultCode,
    readonly more: {
      /** A sentence for people, without any value of the sender's. */
      detail?: string;
      violations?: readonly Violation[];
      headers?: Record<string, string>;
      /** The OperationOutcome to answer with under /fhir, where the mapping has written one. */
      outcome?: Record<string, unknown>;
    } = {},
  ) {
    super(more.detail ?? FAULTS[code].means);
  }

  get status(): number {
    return FAULTS[this.code].status || 500;
  }
}

/** RFC 9457, with our members `code`, `remedy`, `errors` and, at the doors of intake, `telephone`. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  code: FaultCode;
  detail: string;
  /** What to do about it. */
  remedy: string;
  /** Names the request; quote it when you report. */
  instance: string;
  errors?: { pointer: string; keyword: string; detail: string }[];
  telephone?: string;
}

/** R8: whoever meant to tell of a risk must not rest because a machine was told. */
export const TELEPHONE =
  'If this message tells of a risk to a child, telephone the recipient now: it has not been taken.';

export function problemBody(
  problem: ProblemException,
  request: { id: string; isIntake: boolean },
): ProblemBody {
  const { code, more } = problem;
  return {
    type: `/docs/faults#${code.replace('/', '-')}`,
    title: FAULTS[code].means,
    status: problem.status,
    code,
    detail: more.detail ?? FAULTS[code].means,
    remedy: FAULTS[code].remedy,
    instance: `urn:uuid:${request.id}`,
    ...(more.violations && {
      errors: more.violations.map(({ pointer, keyword, message }) => ({ pointer, keyword, detail: message })),
    }),
    ...(request.isIntake && { telephone: TELEPHONE }),
  };
}

/** FHIR's issue types, by our status. */
const ISSUE_TYPES: Record<number, string> = {
  400: 'structure',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  422: 'invalid',
  429: 'throttled',
  503: 'transient',
};

/** The same answer for a partner that speaks FHIR R4. */
export function operationOutcome(body: ProblemBody): Record<string, unknown> {
  const issue = (text: string, expression?: string) => ({
    severity: 'error',
    code: ISSUE_TYPES[body.status] ?? 'exception',
    details: { coding: [{ system: '/docs/faults', code: body.code, display: body.title }], text },
    diagnostics: `${body.remedy} (${body.instance})`,
    ...(expression && { expression: [expression] }),
  });
  const issues = body.errors?.length
    ? body.errors.map((error) => issue(`${error.detail} (${error.keyword})`, error.pointer))
    : [issue(body.detail)];
  const telephone = body.telephone && {
    severity: 'warning',
    code: 'informational',
    details: { text: body.telephone },
  };
  return { resourceType: 'OperationOutcome', issue: telephone ? [...issues, telephone] : issues };
}
