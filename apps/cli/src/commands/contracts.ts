import type { Command } from 'commander';
import { HubClient, itemsOf } from '../hub-client.js';
import { json, table, type Io } from '../io.js';

interface ContractLine {
  type: string;
  /** `v1` */
  version: string;
  title?: string;
  band?: string;
  answers?: string[];
}

export function addContracts(program: Command, io: Io): void {
  const contracts = program.command('contracts').description('the message types that the hub carries');
  contracts
    .command('list')
    .description('all types with their versions')
    .action(async (options: { json?: boolean }) => {
      const answer = await new HubClient(io).get('/v1/contracts');
      io.out(options.json ? json(answer) : list(itemsOf<ContractLine>(answer)));
    });
  contracts
    .command('show')
    .description('one contract: its schema with every annotation')
    .argument('<type>', 'for example step-up.requested')
    .argument('[version]', 'its major version', 'v1')
    .action(async (type: string, version: string) => {
      const major = `v${version.replace(/^v/, '')}`;
      const path = `/v1/contracts/${encodeURIComponent(type)}/${encodeURIComponent(major)}`;
      io.out(json(await new HubClient(io).get(path)));
    });
}

function list(contracts: ContractLine[]): string {
  const rows = contracts.map((c) => [c.type, c.version, c.band, c.answers?.join(' or '), c.title]);
  return table(['type', 'version', 'band', 'answer', 'title'], rows);
}
