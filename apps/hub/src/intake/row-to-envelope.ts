import {
  pointerSegments,
  sourceOfPartner,
  type BatchColumn,
  type BatchKind,
  type Envelope,
} from '#contracts';
import type { Row } from './read-rows.js';

/** What is wrong with a cell; an empty `column` speaks of the row. No value stands in `reason`. */
export interface CellProblem {
  column: string;
  reason: string;
}

/**
 * One row as a message of its sender's. Its id is made of the row's own reference, so that the same row again, in this
 * file or another, is the same message. Pure.
 */
export function rowToEnvelope(
  kind: BatchKind,
  partner: string,
  header: readonly string[],
  { cells }: Row,
): { envelope: Envelope } | { problems: CellProblem[] } {
  const problems: CellProblem[] = [];
  const envelope: Record<string, unknown> = {};
  if (cells.length > header.length)
    problems.push({ column: '', reason: `has ${cells.length} cells for ${header.length} columns` });
  for (const [pointer, value] of Object.entries(kind.constants)) put(envelope, pointer, value);
  for (const column of kind.columns) {
    const read = readCell(column, cells[header.indexOf(column.name)] ?? '');
    if ('reason' in read) problems.push({ column: column.name, reason: read.reason });
    else if (read.value !== undefined && column.to !== undefined) put(envelope, column.to, read.value);
  }
  if (problems.length > 0) return { problems };
  const reference = (cells[header.indexOf(kind.reference)] ?? '').trim();
  return {
    envelope: {
      specversion: '1.0',
      id: `${kind.id}:${reference}`,
      source: sourceOfPartner(partner),
      type: kind.contract.name,
      datacontenttype: 'application/json',
      ...envelope,
    } as Envelope,
  };
}

/** A column by the place in the message of which something was said. */
export function columnAt(kind: BatchKind, pointer: string): string {
  if (pointer === '/id') return kind.reference;
  const holds = ({ to }: BatchColumn): boolean =>
    to !== undefined && (`${to}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${to}/`));
  return kind.columns.find(holds)?.name ?? '';
}

/** What a spreadsheet would run when somebody opens the file: it is no value, whoever wrote it. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const BRITISH_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

function readCell(
  { type, required }: BatchColumn,
  cell: string,
): { value: string | number | boolean | undefined } | { reason: string } {
  const text = cell.trim();
  if (text === '' && cell !== '\t') return required ? { reason: 'is empty' } : { value: undefined };
  const isFigure = type === 'integer' || type === 'number';
  if (FORMULA.test(cell) && !(isFigure && NUMBER.test(text)))
    return { reason: 'begins like a formula; write the value itself' };
  switch (type) {
    case 'integer':
    case 'number':
      return NUMBER.test(text) && (type === 'number' || !text.includes('.'))
        ? { value: Number(text) }
        : { reason: type === 'number' ? 'is no number' : 'is no whole number' };
    case 'yes-no':
      return /^(yes|no)$/i.test(text)
        ? { value: text.toLowerCase() === 'yes' }
        : { reason: 'is not yes or no' };
    case 'date':
      return { value: isoDate(text) };
    case 'word':
      return { value: text.toLowerCase().replaceAll(/[\s_]+/g, '-') };
    case 'text':
      return { value: text };
  }
}

/** What is no date of either form stays as it is: the contract says what may stand there. */
function isoDate(text: string): string {
  const [, day = '', month = '', year = ''] = BRITISH_DATE.exec(text) ?? [];
  return year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Puts a value where a pointer says; a number in it is a place in a list. Pointers come from our own configuration. */
function put(target: Record<string, unknown>, pointer: string, value: unknown): void {
  const segments = pointerSegments(pointer);
  let at = target;
  segments.forEach((segment, place) => {
    const next = segments[place + 1];
    if (next === undefined) at[segment] = value;
    else at = (at[segment] ??= /^\d+$/.test(next) ? [] : {}) as Record<string, unknown>;
  });
}
