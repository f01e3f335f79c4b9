import { Command } from 'commander';
import { addAlerts } from './commands/alerts.js';
import { addCheck } from './commands/check.js';
import { addConformance } from './commands/conformance.js';
import { addContracts } from './commands/contracts.js';
import { addDeadLetters } from './commands/dead-letters.js';
import { addDoctor } from './commands/doctor.js';
import { addPartners } from './commands/partners.js';
import { addExplain } from './commands/explain.js';
import { addSend } from './commands/send.js';
import { addStart } from './commands/start.js';
import { addToken } from './commands/token.js';
import { addTrace } from './commands/trace.js';
import { addUpload } from './commands/upload.js';
import { explain } from './failure.js';
import type { Io } from './io.js';

/** The `hub` command with all its verbs. */
export function createProgram(io: Io): Command {
  const program = new Command('hub')
    .description(
      'Talks to an Alliance Hub: HUB_URL (http://127.0.0.1:8080) with the credentials in HUB_DATA (.data).',
    )
    .showHelpAfterError('(add --help to see how it is used)')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride();
  const verbs = [
    addStart,
    addToken,
    addSend,
    addUpload,
    addTrace,
    addExplain,
    addDeadLetters,
    addContracts,
    addPartners,
    addAlerts,
    addCheck,
    addDoctor,
    addConformance,
  ];
  for (const add of verbs) add(program, io);
  // Set after the verbs, for a verb takes these over from the program only when it is made.
  for (const verb of everyVerb(program)) {
    verb.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err });
    verb.showHelpAfterError(`(hub ${path(verb)} --help shows how it is used)`);
    // A word that only gathers verbs would take the option away from them.
    if (verb.commands.length === 0) verb.option('--json', 'print the answer as JSON');
  }
  return program;
}

/** Runs one command line (without `node hub`) and answers the exit code: 0 only on success. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = createProgram(io);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error, io, argv.includes('--json'));
  }
}

function everyVerb(command: Command): Command[] {
  return command.commands.flatMap((verb) => [verb, ...everyVerb(verb)]);
}

function path(verb: Command): string {
  return verb.parent?.parent ? `${path(verb.parent)} ${verb.name()}` : verb.name();
}
