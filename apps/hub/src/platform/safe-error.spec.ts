import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createLogger } from './log.js';
import { ledgerTrouble, safeError } from './safe-error.js';

const PLANTED = 'Zebedee-Quux';

function postgresError(code: string): Error {
  const error = new pg.DatabaseError(`duplicate key: ${PLANTED}`, 0, 'error');
  const details = { detail: PLANTED, where: PLANTED, internalQuery: PLANTED, constraint: 'message_key_pkey' };
  return Object.assign(error, { code, severity: 'ERROR', ...details });
}

function jsonError(): unknown {
  try {
    return JSON.parse(`{"name": ${PLANTED}}`);
  } catch (error) {
    return error;
  }
}

describe('an error in the log', () => {
  it('of PostgreSQL keeps code and constraint, and no value', () => {
    const safe = safeError(new Error('accept failed', { cause: postgresError('23505') }));
    expect(safe).toMatchObject({
      message: 'accept failed',
      cause: { name: 'error', code: '23505', constraint: 'message_key_pkey' },
    });
    expect(JSON.stringify(safe)).not.toContain(PLANTED);
  });

  it('of JSON.parse does not quote the text', () => {
    const thrown = jsonError();
    expect((thrown as Error).message).toContain(PLANTED.slice(0, 3));
    const safe = safeError(thrown);
    expect(safe.name).toBe('SyntaxError');
    expect(JSON.stringify(safe)).not.toContain(PLANTED.slice(0, 3));
  });

  it('of another realm is known as one', () => {
    const foreign = runInNewContext(
      "Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })",
    ) as unknown;
    expect(foreign).not.toBeInstanceOf(Error);
    expect(safeError(foreign)).toMatchObject({ name: 'Error', code: 'ECONNREFUSED' });
    expect(ledgerTrouble(foreign)).toBe('down');
  });

  it('stays as it is when it was reduced before', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
    logger.error({ err: safeError(new RangeError('too long')) }, 'failed');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { name: 'RangeError', message: 'too long' } });
  });

  it('says where it happened', () => {
    expect(safeError(new TypeError('x is not a function')).at[0]).toContain('safe-error.spec');
  });

  it('goes through the logger in the same way, and what is never logged is left out', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
    logger.error(
      { err: postgresError('23505'), data: PLANTED, envelope: { data: { name: PLANTED } } },
      'failed',
    );
    expect(lines[0]).toContain('23505');
    expect(lines[0]).not.toContain(PLANTED);
  });
});

describe('trouble with the ledger', () => {
  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'down'],
    [
      'both addresses refused',
      new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]),
      'down',
    ],
    ['a shutdown', postgresError('57P01'), 'down'],
    ['too many connections', postgresError('53300'), 'down'],
    ['a broken connection', new Error('Connection terminated unexpectedly'), 'down'],
    ['a cause', new Error('accept failed', { cause: postgresError('57P03') }), 'down'],
    ['a statement time-out', postgresError('57014'), 'busy'],
    ['a deadlock', postgresError('40P01'), 'busy'],
    ['a constraint', postgresError('23505'), undefined],
    ['a fault of ours', new TypeError('x'), undefined],
    ['no error', 'x', undefined],
  ])('is seen in %s', (_, thrown, trouble) => {
    expect(ledgerTrouble(thrown)).toBe(trouble);
  });
});
