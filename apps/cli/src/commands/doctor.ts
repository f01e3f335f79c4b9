import type { Command } from 'commander';
import { examine, type Finding } from '../examine.js';
import { CommandFailure, json, table, type Io } from '../io.js';

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('what is configured, what can be reached, and what to do about what cannot')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(io);
      io.out(options.json ? json(findings) : report(findings));
      const ill = findings.filter(({ state }) => state === 'fails').map(({ part }) => part);
      if (ill.length > 0) throw new CommandFailure(`Not well: ${ill.join(', ')}.`, 'Follow the lines above.');
    });
}

function report(findings: Finding[]): string {
  const rows = findings.map(({ part, state, says }) => [part, state, says]);
  const advice = findings.flatMap(({ part, todo }) => (todo ? [`${part}: ${todo}\n`] : []));
  return `${table(['part', '', 'what was found'], rows)}${advice.length > 0 ? '\nWhat to do\n' : ''}${advice.map((line) => `  ${line}`).join('')}`;
}
