import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FaultCode } from '#contracts';
import type { Logger } from './log.js';
import { ProblemException, problemBody, problemOutcome } from './problem.js';
import { ledgerTrouble } from './safe-error.js';

/** Turns whatever is thrown while a request is served into one form of answer; no stack and no value leaves. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what fails before Nest is reached, such as a path that cannot be read. */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(thrown);
    this.log(thrown, problem, request);
    if (reply.sent || reply.raw.headersSent) {
      // A stream was under way: nothing can be said in it any more, only that it broke off.
      reply.raw.destroy();
      return;
    }
    const isFhir = request.url.startsWith('/fhir');
    const body = problemBody(problem, { id: request.id, isIntake: isIntake(request) });
    void reply
      .code(problem.status)
      .headers({ ...(problem.status === 401 && { 'www-authenticate': 'Bearer' }), ...problem.more.headers })
      .type(isFhir ? 'application/fhir+json; charset=utf-8' : 'application/problem+json')
      .send(JSON.stringify(isFhir ? problemOutcome(problem, body) : body));
  }

  private log(thrown: unknown, problem: ProblemException, request: FastifyRequest): void {
    const fields = {
      requestId: request.id,
      method: request.method,
      // The route's pattern, not the path: a path can hold what a caller typed.
      route: request.routeOptions?.url,
      code: problem.code,
      status: problem.status,
    };
    if (problem.status >= 500) this.logger.error({ ...fields, err: thrown }, 'request failed');
    else this.logger.debug(fields, 'request refused');
  }
}

/** The doors by which messages come in; a refusal there carries the sentence to telephone. */
function isIntake(request: FastifyRequest): boolean {
  return request.method === 'POST' && /^\/(v1\/messages|fhir)\b/.test(request.url);
}

const FASTIFY_CODES: Record<string, FaultCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'contract/too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'contract/media-type',
};
const HTTP_CODES: Record<number, FaultCode> = {
  401: 'identity/no-token',
  403: 'identity/not-allowed',
  404: 'infrastructure/not-found',
  409: 'infrastructure/conflict',
  413: 'contract/too-large',
  415: 'contract/media-type',
  429: 'identity/rate-limited',
  503: 'infrastructure/busy',
};

function toProblem(thrown: unknown): ProblemException {
  if (thrown instanceof ProblemException) return thrown;
  const trouble = ledgerTrouble(thrown);
  if (trouble === 'down') return retryLater('infrastructure/unavailable', '5');
  if (trouble === 'busy') return retryLater('infrastructure/busy', '1');
  return new ProblemException(codeOf(thrown));
}

function retryLater(code: FaultCode, seconds: string): ProblemException {
  return new ProblemException(code, { headers: { 'retry-after': seconds } });
}

/** Fastify's errors and Nest's own exceptions carry a status; anything else is a fault of ours. */
function codeOf(thrown: unknown): FaultCode {
  const { code, statusCode } = (thrown ?? {}) as { code?: string; statusCode?: number };
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : code?.startsWith('FST_') && statusCode;
  if (!status || status === 500) return 'defect/unexpected';
  const named = FASTIFY_CODES[code ?? ''] ?? HTTP_CODES[status];
  return named ?? (status < 500 ? 'infrastructure/bad-request' : 'defect/unexpected');
}
