import { types } from 'node:util';

/** What of an error may be logged: never a value of a message, a statement or a parameter. */
export interface SafeError {
  name: string;
  code?: string;
  /** Left out where the thrower is known to quote its input. */
  message?: string;
  /** The name of the violated constraint, for errors of PostgreSQL. */
  constraint?: string;
  table?: string;
  /** Where it happened. */
  at: string[];
  cause?: SafeError;
}

const FRAMES = 8;

/** Reduces any thrown thing to what may be logged (R9); what was reduced before stays as it is. */
export function safeError(thrown: unknown): SafeError {
  if (reduced.has(thrown as SafeError)) return thrown as SafeError;
  const safe = reduce(thrown);
  reduced.add(safe);
  return safe;
}

const reduced = new WeakSet<SafeError>();

/** Also an error of another realm (a worker's, a test's), which `instanceof` does not know. */
function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof Error;
}

function reduce(thrown: unknown): SafeError {
  if (!isError(thrown)) return { name: typeof thrown, at: [] };
  const { code, constraint, table } = thrown as Error & Record<'code' | 'constraint' | 'table', unknown>;
  return {
    name: thrown.name,
    ...(typeof code === 'string' && { code }),
    ...(!quotesInput(thrown) && { message: thrown.message }),
    ...(typeof constraint === 'string' && { constraint }),
    ...(typeof table === 'string' && { table }),
    at: frames(thrown),
    ...(thrown.cause !== undefined && { cause: safeError(thrown.cause) }),
  };
}

/** PostgreSQL quotes values ("invalid input syntax …"), JSON.parse quotes the text that it could not read. */
function quotesInput(error: Error): boolean {
  return error.name === 'SyntaxError' || isPostgresError(error);
}

function isPostgresError(error: Error): error is Error & { code: string } {
  const { code, severity } = error as Error & { code?: unknown; severity?: unknown };
  return typeof code === 'string' && code.length === 5 && typeof severity === 'string';
}

/** The frames alone: the first lines of a stack repeat the message. */
function frames(error: Error): string[] {
  const lines = error.stack?.split('\n') ?? [];
  return lines.flatMap((line) => /^\s+at (.*)$/.exec(line)?.[1] ?? []).slice(0, FRAMES);
}

/** Class 08 connection, 53 resources, 57P shutdown and crash, 58 system; 40 conflict, 55P03 and 57014 time-outs. */
const POSTGRES_DOWN = /^(08...|53...|57P..|58...)$/;
const POSTGRES_BUSY = /^(40...|55P03|57014|25P03)$/;
const SOCKET_DOWN =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const DRIVER_DOWN =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

/** Whether the ledger could not be reached (`down`), or is there but could not do this now (`busy`). */
export function ledgerTrouble(thrown: unknown): 'down' | 'busy' | undefined {
  if (!isError(thrown)) return undefined;
  if (isPostgresError(thrown)) {
    if (POSTGRES_DOWN.test(thrown.code)) return 'down';
    return POSTGRES_BUSY.test(thrown.code) ? 'busy' : undefined;
  }
  const { code } = thrown as NodeJS.ErrnoException;
  if ((code && SOCKET_DOWN.test(code)) || DRIVER_DOWN.test(thrown.message)) return 'down';
  if ('errors' in thrown && Array.isArray(thrown.errors)) return ledgerTrouble(thrown.errors[0]);
  return ledgerTrouble(thrown.cause);
}
