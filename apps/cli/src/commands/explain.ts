import type { Command } from 'commander';
import { HubClient } from '../hub-client.js';
import { json, table, type Io } from '../io.js';

/** As `GET /v1/messages/{id}/routing` answers. */
interface Routing {
  type: string;
  source: string;
  ruleSet: { decided: string; today: string };
  facts: Record<string, unknown>;
  areaOf: 'case' | 'sender';
  context: Record<string, unknown>;
  matched: { route: string; because: string }[];
  notMatched?: { route: string; why: string[] }[];
  recipients: { partner: string; role: string; asks: boolean; because: string[] }[];
  blocked: { role: string; code: string }[];
  parked?: { code: string; role: string };
  recomputed: 'same' | 'different' | 'other-rules';
}

const RECOMPUTED: Record<Routing['recomputed'], string> = {
  same: 'The same rules make the same decision again.',
  different: 'THE SAME RULES MAKE ANOTHER DECISION NOW: this is a fault of the hub; tell its developers.',
  'other-rules': 'The rules have changed since, so the decision was not made again.',
};

const AREA_OF: Record<Routing['areaOf'], string> = {
  case: 'the case, whoever sends',
  sender: 'the sender; no case that we knew told it',
};

export function addExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('why a message went where it went: what matched, what did not, on which facts')
    .argument('<messageId>', 'as `hub send` printed it')
    .option('--as <party>', 'look as its sender', 'ops')
    .action(async (messageId: string, options: { as: string; json?: boolean }) => {
      const path = `/v1/messages/${encodeURIComponent(messageId)}/routing`;
      const routing = (await new HubClient(io).get(path, options.as)) as Routing;
      io.out(options.json ? json(routing) : inWords(routing));
    });
}

function inWords(routing: Routing): string {
  const { type, source, facts, context, matched, notMatched, recomputed, ruleSet } = routing;
  const parts = [
    `${type} from ${source}`,
    `Where it went\n${destinations(routing)}`,
    `Which routes matched\n${table(
      ['route', 'because'],
      matched.map(({ route, because }) => [route, because]),
    )}`,
    `What they looked at\n${table(['fact', 'value'], [...Object.entries(facts), ...known(context)])}`,
    `The area is that of ${AREA_OF[routing.areaOf]}.`,
    `Which did not\n${notMatched ? misses(notMatched) : 'Unknown: the rules have changed since.\n'}`,
    `Decided by the rules ${ruleSet.decided}; today's are ${ruleSet.today}.\n${RECOMPUTED[recomputed]}`,
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

/** Those for other types say nothing about this message; they are counted, and `--json` lists them. */
function misses(notMatched: NonNullable<Routing['notMatched']>): string {
  const near = notMatched.filter(({ why }) => !why.some((reason) => reason.startsWith('type must be ')));
  const others = notMatched.length - near.length;
  return [
    ...(near.length > 0
      ? [
          table(
            ['route', 'why'],
            near.map(({ route, why }) => [route, why.join('; ')]),
          ),
        ]
      : []),
    ...(others > 0 ? [`${others} more are for other types of message; --json lists them.\n`] : []),
  ].join('');
}

function destinations({ recipients, blocked, parked }: Routing): string {
  const rows = [
    ...recipients.map(({ partner, role, asks, because }) => [
      partner,
      role,
      asks ? 'is asked' : 'is informed',
      because.join(' '),
    ]),
    ...blocked.map(({ role, code }) => ['–', role, 'waits', code]),
    ...(parked ? [['–', parked.role, 'is parked', parked.code]] : []),
  ];
  return rows.length > 0 ? table(['to', 'as', 'and', 'because'], rows) : 'To nobody.\n';
}

const known = (context: Record<string, unknown>): [string, unknown][] =>
  Object.entries(context).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') || '–' : value,
  ]);
