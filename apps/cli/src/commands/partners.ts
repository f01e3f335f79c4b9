import { InvalidArgumentError, type Command } from 'commander';
import { HubClient, itemsOf } from '../hub-client.js';
import { shutGates, type PartnerLine } from '../partner-line.js';
import { json, table, type Io } from '../io.js';

export function addPartners(program: Command, io: Io): void {
  const partners = program.command('partners').description('the partners and their gates');
  partners
    .command('list')
    .description('all partners, and whether work goes to them')
    .action(async (options: { json?: boolean }) => {
      const answer = await new HubClient(io).get('/v1/partners');
      io.out(options.json ? json(answer) : list(itemsOf<PartnerLine>(answer)));
    });
  partners
    .command('pause')
    .description('hold ordinary work for a partner back; urgent work still goes')
    .argument('<partner>')
    .requiredOption('--reason <text>', 'why; partners and staff can read it')
    .requiredOption('--for <duration>', 'how long at most: 30m, 4h, 2d', minutes)
    .option('--owner <role>', 'the role that answers for the pause', 'ops')
    .action(
      async (partner: string, options: { reason: string; for: number; owner: string; json?: boolean }) => {
        const until = new Date(Date.now() + options.for * 60_000).toISOString();
        const body = { reason: options.reason, owner: options.owner, until };
        const answer = await new HubClient(io).post(
          `/v1/partners/${encodeURIComponent(partner)}/pause`,
          body,
        );
        io.out(options.json ? json(answer ?? { partner, ...body }) : `paused: ${partner} until ${until}\n`);
      },
    );
  partners
    .command('resume')
    .description('let work go to a partner again')
    .argument('<partner>')
    .option('--reason <text>', 'why')
    .action(async (partner: string, options: { reason?: string; json?: boolean }) => {
      const body = options.reason ? { reason: options.reason } : {};
      const answer = await new HubClient(io).post(`/v1/partners/${encodeURIComponent(partner)}/resume`, body);
      io.out(options.json ? json(answer ?? { partner }) : `resumed: ${partner}\n`);
    });
}

function minutes(given: string): number {
  const match = /^(\d{1,4})(m|h|d)$/.exec(given);
  if (!match) throw new InvalidArgumentError('It must be a number and m, h or d, for example 4h.');
  return Number(match[1]) * { m: 1, h: 60, d: 1440 }[match[2] as 'm' | 'h' | 'd'];
}

function list(partners: PartnerLine[]): string {
  const rows = partners.flatMap((partner) => {
    const { id, name, channel } = partner;
    const shut = shutGates(partner).map((gate) => [
      id,
      name,
      channel,
      `${gate.state} (${gate.stream})`,
      gate.until,
      gate.owner,
      gate.reason,
    ]);
    return shut.length > 0 ? shut : [[id, name, channel, 'open', null, null, null]];
  });
  return table(['partner', 'name', 'channel', 'gate', 'until', 'owner', 'reason'], rows);
}
