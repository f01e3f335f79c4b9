import { Command, InvalidArgumentError, Option } from 'commander';
import type { Contracts } from '#contracts';
import { examinePartner, type Examination } from './examine-partner.js';
import type { Line } from './report.js';

/** What the command sees of the world, so that a test can give it another. */
export interface World {
  env: Record<string, string | undefined>;
  /** Compiling all of them takes a second: who examines several partners does it once. */
  contracts: () => Contracts;
  out(text: string): void;
  err(text: string): void;
}

/** Runs one command line (without `node main.js`) and answers the exit code: 0 only when no check failed. */
export async function conformance(argv: readonly string[], world: World): Promise<number> {
  let code = 1;
  const command = createCommand()
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .exitOverride();
  command.action(async (partner: string, options: Omit<Examination, 'partner'> & { json?: boolean }) => {
    const { report, files } = await examinePartner({ ...options, partner }, world, (line) =>
      options.json ? undefined : world.out(progress(line)),
    );
    if (options.json) world.out(`${JSON.stringify(report, null, 2)}\n`);
    else
      world.out(
        `${report.passed ? 'passed' : 'FAILED'}: ${partner}\n${files.map((file) => `  ${file}\n`).join('')}`,
      );
    code = report.passed ? 0 : 1;
  });
  try {
    await command.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    const { exitCode, message } = error as Error & { exitCode?: number };
    // Commander has said its own already.
    if (exitCode !== undefined) return exitCode;
    world.err(`${message}\n`);
  }
  return code;
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

function progress({ result, id, title, expected, observed }: Line): string {
  const more = result === 'failed' ? `\n    expected: ${expected}\n    observed: ${observed}` : '';
  return `${MARKS[result]} ${id.padEnd(20)} ${title}${result === 'skipped' ? ` (skipped: ${observed})` : ''}${more}\n`;
}

function createCommand(): Command {
  return new Command('conformance')
    .description(
      'Plays good, bad, duplicate, late, out-of-order, wrong-version and safety messages: against a partner’s endpoint, through our own adapter, and as that partner against the hub. All are test messages about nobody.',
    )
    .argument('<partner>', 'its id in partners.json')
    .option('--url <url>', 'the endpoint to examine, in place of its url in partners.json')
    .option('--evidence <url>', EVIDENCE)
    .option(
      '--report <folder>',
      'where the reports go: <partner>.html and <partner>.json (<HUB_DATA>/conformance)',
    )
    .addOption(
      new Option('--side <side>', 'what to examine').choices(['both', 'endpoint', 'hub']).default('both'),
    )
    .option(
      '--decide-within-ms <ms>',
      'how long to wait for its decisions, and for acknowledgements that come by file or by MESH',
      milliseconds,
      5_000,
    )
    .option('--declare', 'also write <HUB_CONFIG>/conformance/<partner>.json, see below', false)
    .option('--json', 'print the report as JSON, and no progress')
    .addHelpText('after', HELP)
    .showHelpAfterError('(hub conformance --help shows how it is used)');
}

const EVIDENCE =
  'a list [{"deliveryid", "processed"}] that its test system shows; without it nobody can see that a repeat is processed once (a simulator’s is known)';

const HELP = `
Only a partner whose check "duplicate" has passed may be "idempotent": true in partners.json; the hub starts only where
config/conformance/<partner>.json proves it. To declare a partner: leave the flag false, run this with --declare, look
at the report, set the flag, commit both.

Settings: HUB_URL, HUB_DATA (credentials.json), HUB_CONFIG, PARTNER_<ID>_URL, PARTNER_<ID>_API_KEY, SIM_PORT_CONTROL.

Examples:
  hub conformance salus                                     while npm start runs: the simulator of Salus
  hub conformance salus --url https://test.salus.example --evidence https://test.salus.example/received --side endpoint

Exits with 0 when no check failed.`;

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 600_000)
    throw new InvalidArgumentError('It is a whole number from 0 to 600000.');
  return value;
}
