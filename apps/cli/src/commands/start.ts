import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectRoot } from '#contracts';
import { CommandFailure, type Io } from '../io.js';

export function addStart(program: Command, io: Io): void {
  program
    .command('start')
    .description('start everything on this machine: database, hub, adapters, simulators (as npm start)')
    .action(() => start(io));
}

async function start(io: Io): Promise<void> {
  const root = projectRoot();
  const main = join(root, 'dist/apps/start/src/main.js');
  if (!existsSync(main)) throw new CommandFailure('The hub is not built.', `Run \`npm ci\` in ${root}.`);
  const child = spawn(process.execPath, [main], { cwd: root, stdio: 'inherit', env: io.env });
  io.stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const code = await new Promise<number | null>((done) => child.on('exit', done));
  if (code !== 0 && !io.stop.aborted) {
    throw new CommandFailure(
      `The hub has ended with code ${code}.`,
      'Read what it printed; `hub doctor` may know more.',
    );
  }
}
