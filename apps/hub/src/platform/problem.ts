import type * as fhir4 from 'fhir/r4.js';
import { FAULTS, type FaultCode, type Violation } from '#contracts';
import { outcomeOfFault, withRemark } from '#fhir';

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
      outcome?: fhir4.OperationOutcome;
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

/** The same answer for a partner that speaks FHIR R4; `outcome` is what the mapping has already written. */
export function problemOutcome(problem: ProblemException, body: ProblemBody): Record<string, unknown> {
  const written = problem.more.outcome ?? outcomeOfFault(body, problem.more.violations);
  return { ...(body.telephone === undefined ? written : withRemark(written, body.telephone)) };
}
