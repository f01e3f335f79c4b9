import type { Command } from 'commander';
import { HubClient } from '../hub-client.js';
import { json, type Io } from '../io.js';

export function addToken(program: Command, io: Io): void {
  program
    .command('token')
    .description('print a bare access token, for curl and scripts')
    .argument('<partner>', 'a partner id such as salus, or ops for staff')
    .action(async (partner: string, options: { json?: boolean }) => {
      const token = await new HubClient(io).token(partner);
      io.out(options.json ? json({ partner, token }) : `${token}\n`);
    });
}
