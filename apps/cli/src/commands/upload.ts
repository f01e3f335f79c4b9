import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { HubClient } from '../hub-client.js';
import { CommandFailure, json, table, type Io } from '../io.js';

interface BatchAnswer {
  rows: number;
  accepted: number;
  repeated: number;
  refused: number;
  answers: { row: number; ok: boolean; problems?: { column: string; reason: string }[] }[];
  /** The refused rows of a CSV, each with its reason. */
  refusedFile?: string;
}

/** Ten thousand rows take their time. */
const WITHIN_MS = 290_000;
/** The file has all of them; these are to see what kind of thing is wrong. */
const SHOWN = 10;

export function addUpload(program: Command, io: Io): void {
  program
    .command('upload')
    .description(
      'upload a file of rows; those that come back stand in <file>.refused.csv, with the reason of each',
    )
    .argument('<file>', 'a CSV file, or one that ends in .ndjson with a message in each line')
    .requiredOption('--as <partner>', 'who uploads it')
    .option('--kind <kind>', 'which rows a CSV holds: outcomes, attendance, contacts, …')
    .action(async (file: string, options: { as: string; kind?: string; json?: boolean }) => {
      const body = readBytes(file);
      const isLines = file.endsWith('.ndjson');
      if (!isLines && options.kind === undefined)
        throw new CommandFailure(
          'It must be said which rows a CSV holds.',
          'Add --kind outcomes, for example.',
        );
      const path = isLines ? '/v1/batches' : `/v1/batches?kind=${encodeURIComponent(options.kind ?? '')}`;
      const type = isLines ? 'application/x-ndjson' : 'text/csv';
      const answer = (await new HubClient(io).upload(path, body, type, options.as, WITHIN_MS)) as BatchAnswer;
      io.out(options.json ? json(answer) : summary(answer));
      if (answer.refused > 0) throw cameBack(file, answer);
    });
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new CommandFailure(`${file} cannot be read.`, 'Name a file of rows.');
  }
}

function summary({ rows, accepted, repeated, refused, answers }: BatchAnswer): string {
  const bad = answers.flatMap(({ row, problems = [] }) =>
    problems.map(({ column, reason }) => [row, column, reason]),
  );
  const head = table(
    ['rows', 'accepted', 'known before', 'came back'],
    [[rows, accepted, repeated, refused]],
  );
  if (bad.length === 0) return head;
  const more = bad.length > SHOWN ? `… and ${bad.length - SHOWN} more\n` : '';
  return `${head}\n${table(['row', 'column', 'reason'], bad.slice(0, SHOWN))}${more}`;
}

/** Every other row is with the hub; these are not. */
function cameBack(file: string, { refused, refusedFile }: BatchAnswer): CommandFailure {
  const what = `${refused} ${refused === 1 ? 'row' : 'rows'} came back.`;
  if (refusedFile === undefined) return new CommandFailure(what, 'Mend them and upload the file again.');
  const beside = `${file.replace(/\.csv$/i, '')}.refused.csv`;
  writeFileSync(beside, refusedFile);
  return new CommandFailure(what, `They stand in ${beside}: mend them there and upload that file.`);
}
