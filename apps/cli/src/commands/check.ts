import type { Command } from 'commander';
import { HubClient, itemsOf } from '../hub-client.js';
import { CommandFailure, json, table, type Io } from '../io.js';

interface Invariant {
  /** `I1` … `I10`. */
  id: string;
  ok: boolean;
  /** What must hold. */
  means: string;
  /** How many rows break it. */
  found: number;
  /** Some of them. */
  examples: string[];
}

/** A ledger with millions of rows is read in short pages. */
const WITHIN_MS = 290_000;

export function addCheck(program: Command, io: Io): void {
  program
    .command('check')
    .description('prove the invariants of the ledger on the running hub; exits 0 only when all hold')
    .option('--planted <text...>', 'strings that must stand in nothing that is kept open (I10)')
    .action(async (options: { json?: boolean; planted?: string[] }) => {
      const hub = new HubClient(io);
      const { planted } = options;
      const answer = planted
        ? await hub.post('/v1/check', { planted }, 'ops', 'application/json', WITHIN_MS)
        : await hub.get('/v1/check', 'ops', WITHIN_MS);
      const invariants = itemsOf<Invariant>(answer);
      io.out(options.json ? json(answer) : report(invariants));
      const broken = new Set(invariants.filter(({ ok }) => !ok).map(({ id }) => id));
      if (invariants.length === 0 || broken.size > 0) {
        throw new CommandFailure(
          broken.size > 0 ? `Broken: ${[...broken].join(', ')}.` : 'The hub has proved nothing.',
          'Keep the ledger as it is, and look at the examples with `hub trace` before anything else.',
        );
      }
    });
}

function report(invariants: Invariant[]): string {
  const rows = invariants.map(({ id, ok, found, means, examples }) => [
    id,
    ok ? 'holds' : 'BROKEN',
    found,
    means,
    examples.join(' '),
  ]);
  return table(['', '', 'found', 'what must hold', 'examples'], rows);
}
