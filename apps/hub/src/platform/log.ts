import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../settings.js';
import { safeError } from './safe-error.js';

export type { Logger } from 'pino';

/** What may stand in a log line: ids, codes, counts and times, never a value of a message. */
export type LogFields = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** Belt and braces: if an object of a request or a message ever gets into a line, these parts of it do not. */
const NEVER = ['data', 'body', 'payload', 'headers', 'authorization', 'token', 'clientSecret', 'secret'];

/** The process's log: JSON lines on stdout. Errors go under `err` and are reduced by `safeError`. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'msg',
      serializers: { err: safeError },
      redact: { paths: NEVER.flatMap((name) => [name, `*.${name}`]), censor: '[left out]' },
    },
    destination ?? pino.destination({ fd: 1, sync: false }),
  );
}

/** One wide line for a station that a message has passed, under the station's own name. */
export function station(logger: Logger, name: string, fields: LogFields): void {
  logger.info(fields, name);
}

/** Lets Nest speak through the process's log. Its messages are its own: names of modules and routes. */
export function nestLogger(logger: Logger): LoggerService {
  const say = (level: 'info' | 'warn' | 'debug' | 'trace') => (message: unknown, context?: unknown) =>
    logger[level]({ context: typeof context === 'string' ? context : undefined }, text(message));
  const fail = (level: 'error' | 'fatal') => (message: unknown) =>
    logger[level]({ err: message instanceof Error ? message : undefined }, text(message));
  return {
    log: say('debug'),
    warn: say('warn'),
    debug: say('debug'),
    verbose: say('trace'),
    error: fail('error'),
    fatal: fail('fatal'),
  };
}

function text(message: unknown): string {
  return typeof message === 'string' ? message : 'nest';
}
