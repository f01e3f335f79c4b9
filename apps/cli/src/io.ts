/** What a command sees of the world, so that a test can give it another. */
export interface Io {
  env: Record<string, string | undefined>;
  /** Writes to stdout; a line end is the caller's. */
  out(text: string): void;
  err(text: string): void;
  /** Aborts when the user wants the command to end. */
  stop: AbortSignal;
}

/** A failure that the user can mend: `message` says what is wrong, `remedy` what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Rows as aligned columns. Empty cells become a dash, so that a column can be read down. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(cell))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((text, i) => text.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
