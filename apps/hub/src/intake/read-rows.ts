import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import type { BatchKind } from '#contracts';

/** More rows go into another file. */
export const MOST_ROWS = 20_000;
/** Beside the kind's own columns: what our answer added, so that a mended answer can be uploaded as it is. */
export const REASON = 'reason';

/** A file of rows, its cells as they stand. */
export interface Rows {
  /** The columns' names in the file's order, in lower case. */
  header: string[];
  delimiter: string;
  rows: Row[];
}

export interface Row {
  /** As a spreadsheet counts: the line with the names is 1. */
  row: number;
  cells: string[];
}

/** A CSV file as rows of known columns, or the one sentence that says why it is none. Pure. */
export function readRows(file: Buffer, kind: BatchKind): Rows | { problem: string } {
  if (!isUtf8(file) || file.includes(0))
    return { problem: 'The file is not UTF-8. In the spreadsheet choose "CSV UTF-8" when saving it.' };
  const delimiter = delimiterOf(file);
  let lines: string[][];
  try {
    lines = parse(file, { bom: true, delimiter, relax_column_count: true });
  } catch (error) {
    // Its own text quotes the line.
    const line =
      error instanceof CsvError
        ? ` Look at line ${Number(error['lines'])}: a quote opens or ends there.`
        : '';
    return { problem: `The file cannot be read as CSV.${line}` };
  }
  const [names = [], ...rest] = lines;
  const header = names.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const wrong = headerProblem(header, kind);
  if (wrong !== undefined) return { problem: wrong };
  const rows = rest
    .map((cells, index) => ({ row: index + 2, cells }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (rows.length > MOST_ROWS)
    return { problem: `The file has ${rows.length} rows; send at most ${MOST_ROWS} in one file.` };
  return { header, delimiter, rows };
}

/** Spreadsheets write what their country does. */
function delimiterOf(file: Buffer): string {
  const first = file.toString('utf8', 0, file.indexOf(10) < 0 ? file.length : file.indexOf(10));
  const count = (delimiter: string): number => first.split(delimiter).length;
  return [',', ';', '\t'].reduce((most, each) => (count(each) > count(most) ? each : most));
}

function headerProblem(header: readonly string[], kind: BatchKind): string | undefined {
  const known = kind.columns.map(({ name }) => name);
  const missing = kind.columns.filter(({ name, required }) => required && !header.includes(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    return `The file lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${names}. It may have: ${known.join(', ')}.`;
  }
  // A stranger's name is the sender's own text, which no answer repeats; its place says enough.
  const strange = header.findIndex((name) => name !== REASON && !known.includes(name));
  if (strange >= 0)
    return `Column ${strange + 1} has a name that is not known. The file may have: ${known.join(', ')}.`;
  const twice = header.find((name, place) => header.indexOf(name) < place);
  return twice === undefined ? undefined : `The column ${twice} is there twice.`;
}
