import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { ENDED_STATES } from '#contracts';
import { HubClient } from '../hub-client.js';
import { json, table, type Io } from '../io.js';

interface Entry {
  at: string;
  station: string;
  partner?: string | null;
  detail?: Record<string, unknown> | null;
}

interface Message {
  messageId: string;
  type: string;
  source: string;
  caseRef?: string | null;
  /** What answers it; `none`: its origin expects to hear nothing. */
  answer?: string;
  deliveries: {
    partner: string;
    state: string;
    attempts: number;
    code?: string | null;
    owner?: string | null;
  }[];
  timeline: Entry[];
}

const POLL_MS = 500;
const HEAD = ['at', 'station', 'partner', 'detail'];

export function addTrace(program: Command, io: Io): void {
  program
    .command('trace')
    .description('every station that a message has passed, and how its deliveries stand')
    .argument('<messageId>', 'as `hub send` printed it')
    .option('--as <party>', 'look as this partner, which sees only its own part', 'ops')
    .option('--follow', 'go on until the origin is informed or nothing moves any more')
    .action(async (messageId: string, options: { as: string; follow?: boolean; json?: boolean }) => {
      const client = new HubClient(io);
      const read = async () =>
        (await client.get(`/v1/messages/${encodeURIComponent(messageId)}`, options.as)) as Message;
      let message = await read();
      if (options.follow) message = await follow(message, read, io, options.json);
      if (options.json) io.out(json(message));
      else io.out(`${options.follow ? '' : stations(message.timeline)}\n${deliveries(message)}`);
    });
}

/** Prints stations as they come. Ends when nothing more can come by itself. */
async function follow(
  first: Message,
  read: () => Promise<Message>,
  io: Io,
  quiet?: boolean,
): Promise<Message> {
  let message = first;
  const seen = new Set<string>();
  for (;;) {
    const fresh = message.timeline.filter((entry) => !seen.has(JSON.stringify(entry)));
    fresh.forEach((entry) => seen.add(JSON.stringify(entry)));
    if (!quiet && fresh.length > 0) io.out(stations(fresh, seen.size === fresh.length));
    if (isOver(message)) return message;
    await pause(POLL_MS, undefined, { signal: io.stop });
    message = await read();
  }
}

function isOver({ timeline, deliveries, answer }: Message): boolean {
  const ended = deliveries.every(({ state }) => (ENDED_STATES as readonly string[]).includes(state));
  const parked = deliveries.some(({ state }) => state === 'parked');
  const informed = answer === 'none' || timeline.some(({ station }) => station === 'origin.informed');
  return parked || (ended && informed);
}

function stations(entries: Entry[], withHead = true): string {
  // One row of the ledger can hold several stations: what they share is said once.
  const said = new Set<string>();
  const once = ({ partner, detail }: Entry) => {
    const text = brief(detail);
    const isNew = !said.has(`${partner} ${text}`);
    said.add(`${partner} ${text}`);
    return isNew ? text : '';
  };
  const rows = entries.map((entry) => [entry.at, entry.station, entry.partner, once(entry)]);
  // Fixed widths, so that what comes later stands under what came before.
  const padded = rows.map(([at, station, partner, detail]) => [
    String(at).padEnd(24),
    String(station).padEnd(20),
    (partner ?? '–').padEnd(12),
    detail,
  ]);
  const text = table(HEAD, padded);
  return withHead ? text : text.slice(text.indexOf('\n') + 1);
}

function brief(detail: Record<string, unknown> | null | undefined): string {
  return Object.entries(detail ?? {})
    .filter(([name, value]) => name !== 'times' && value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function deliveries({ type, source, caseRef, deliveries }: Message): string {
  const rows = deliveries.map((d) => [d.partner, d.state, d.attempts, d.code, d.owner]);
  const head = `${type} from ${source}, case ${caseRef ?? '–'}\n`;
  return `${head}${table(['to', 'state', 'attempts', 'code', 'owner'], rows)}`;
}
