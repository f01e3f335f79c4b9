import type { Command } from 'commander';
import { FAULTS, type FaultCode } from '#contracts';
import { HubClient, itemsOf } from '../hub-client.js';
import { json, table, type Io } from '../io.js';

interface DeadLetter {
  deliveryId: string;
  partner: string;
  type: string;
  code: string;
  owner: string;
  dueAt: string;
  holds?: number;
  [more: string]: unknown;
}

const REASON = ['--reason <text>', 'why; it is kept in the audit (no names, please)'] as const;

export function addDeadLetters(program: Command, io: Io): void {
  const desk = program
    .command('dead-letters')
    .description('the recovery desk: deliveries that need a person');
  addReading(desk, io);
  const act = (verb: string, says: string) =>
    desk.command(verb).description(says).argument('<deliveryId>', 'as `hub dead-letters list` shows it');
  act('replay', 'try the same delivery again')
    .requiredOption(...REASON)
    .action((id: string, options: Given) => perform(io, id, 'replay', options));
  act('discard', 'end it: nobody needs it any more; its origin is told')
    .requiredOption(...REASON)
    .action((id: string, options: Given) => perform(io, id, 'discard', options));
  act('redirect', 'let another partner have it: whoever fills its role today, or another role')
    .option('--to <role>', 'a role of config/roles.json; else its own')
    .requiredOption(...REASON)
    .action((id: string, options: Given) => perform(io, id, 'redirect', options));
  act('release', 'let those that wait behind it go on without it')
    .requiredOption(...REASON)
    .action((id: string, options: Given) => perform(io, id, 'release', options));
}

interface Given {
  reason: string;
  to?: string;
  json?: boolean;
}

function addReading(desk: Command, io: Io): void {
  desk
    .command('list')
    .description('all of them, those nearest to harm first')
    .option('--partner <partner>', 'only those of one partner')
    .action(async (options: { partner?: string; json?: boolean }) => {
      const query = options.partner ? `?partner=${encodeURIComponent(options.partner)}` : '';
      const answer = await new HubClient(io).get(`/v1/dead-letters${query}`);
      io.out(options.json ? json(answer) : list(itemsOf<DeadLetter>(answer)));
    });
  desk
    .command('show')
    .description('one of them: why it is here, what it endangers and what may be done')
    .argument('<deliveryId>')
    .action(async (id: string, options: { json?: boolean }) => {
      const letter = (await new HubClient(io).get(path(id))) as DeadLetter;
      io.out(options.json ? json(letter) : show(letter));
    });
}

async function perform(io: Io, id: string, action: string, given: Given): Promise<void> {
  const { json: asJson, ...body } = given;
  const answer = await new HubClient(io).post(`${path(id)}/${action}`, body);
  const { successor } = answer as { successor?: string };
  io.out(asJson ? json(answer) : `${action}: ${id}${successor === undefined ? '' : ` → ${successor}`}\n`);
}

function path(id: string): string {
  return `/v1/dead-letters/${encodeURIComponent(id)}`;
}

function list(letters: DeadLetter[]): string {
  if (letters.length === 0) return 'No dead letters.\n';
  const rows = letters.map((d) => [d.deliveryId, d.partner, d.type, d.code, d.owner, d.dueAt, d.holds]);
  return table(['delivery', 'partner', 'type', 'code', 'owner', 'due', 'holds'], rows);
}

function show(letter: DeadLetter): string {
  const fault = FAULTS[letter.code as FaultCode] as { means: string; remedy: string } | undefined;
  const members = Object.entries(letter).filter(([, value]) => value !== null && value !== '');
  const says = fault ? `\n${fault.means}\nWhat to do: ${fault.remedy}\n` : '';
  return `${table(['', ''], members).trimStart()}${says}`;
}
