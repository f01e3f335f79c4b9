import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectRoot } from '#contracts';
import { CommandFailure, type Io } from '../io.js';

export function addConformance(program: Command, io: Io): void {
  program
    .command('conformance')
    .description('examine a partner’s endpoint, and the hub as that partner meets it (--help tells more)')
    .argument('[words...]', 'the partner and options')
    // Its own help tells its options; this command knows none of them.
    .helpOption(false)
    .allowUnknownOption()
    .action((words: string[], { json }: { json?: boolean }) =>
      conformance(io, json ? [...words, '--json'] : words),
    );
}

/**
 * The suite runs as a process of the adapters' app: it goes through the partner's own adapter, and both that code and
 * the credentials it shows may stand in a zone where nothing else of the hub does (docs/decisions/0012).
 */
async function conformance(io: Io, words: readonly string[]): Promise<void> {
  const main = join(projectRoot(), 'dist/apps/adapters/src/conformance/main.js');
  if (!existsSync(main))
    throw new CommandFailure('The hub is not built.', `Run \`npm ci\` in ${projectRoot()}.`);
  const child = spawn(process.execPath, [main, ...words], { env: io.env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', (text: string) => io.out(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => io.err(text));
  io.stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new CommandFailure('The conformance run has not passed.', 'The lines above say why.');
}
