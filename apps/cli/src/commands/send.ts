import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { partnerOfSource, sourceOfPartner } from '#contracts';
import { HubClient } from '../hub-client.js';
import { CommandFailure, json, table, type Io } from '../io.js';

interface Receipt {
  messageId: string;
  caseRef?: string | null;
  acceptedAt: string;
  deliveries: { id: string; partner: string }[];
  telephone?: string;
}

export function addSend(program: Command, io: Io): void {
  program
    .command('send')
    .description('send the message in a file, with a fresh id, as the partner that its source names')
    .argument('<file>', 'a message as JSON, for example samples/step-up.ylf-to-salus.json')
    .option('--as <partner>', 'send it as this partner instead; its source becomes that partner')
    .option('--set <path=value>', 'change a member before sending: data.reason=…, caseref=…', collect, [])
    .action(async (file: string, options: { as?: string; set: Change[]; json?: boolean }) => {
      const { message, partner } = readMessage(file, options);
      const client = new HubClient(io);
      const answer = await client.post('/v1/messages', message, partner, 'application/cloudevents+json');
      io.out(options.json ? json(answer) : receiptText(answer as Receipt));
    });
}

interface Change {
  path: string[];
  value: unknown;
}

/** `data.person.name=Robin`: the value is JSON where it is JSON, else text. */
function collect(given: string, before: Change[]): Change[] {
  const match = /^([^=]+)=(.*)$/s.exec(given);
  if (!match?.[1]) throw new InvalidArgumentError('It must be path=value, for example data.urgency=urgent.');
  const path = match[1].split('.');
  if (path.includes('__proto__')) throw new InvalidArgumentError('__proto__ is no member of a message.');
  return [...before, { path, value: parsed(match[2] ?? '') }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readMessage(file: string, options: { as?: string; set: Change[] }) {
  const message = readObject(file);
  message.id = randomUUID();
  message.time = new Date().toISOString();
  if (options.as) message.source = sourceOfPartner(options.as);
  for (const { path, value } of options.set) setMember(message, path, value);
  const partner = options.as ?? partnerOfSource(String(message.source));
  if (!partner) {
    throw new CommandFailure(
      `${file} has no source of the form /partners/<id>.`,
      'Add it, or say --as <partner>.',
    );
  }
  return { message, partner };
}

function readObject(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new CommandFailure(
      `${file} cannot be read.`,
      'Name a file that holds one message; samples/ has some.',
    );
  }
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new CommandFailure(
    `${file} is not one JSON object.`,
    'A message is a CloudEvents envelope; samples/ has some.',
  );
}

function setMember(target: Record<string, unknown>, path: string[], value: unknown): void {
  let place = target;
  for (const name of path.slice(0, -1)) {
    const next = place[name];
    if (typeof next !== 'object' || next === null) place[name] = {};
    place = place[name] as Record<string, unknown>;
  }
  place[path.at(-1) ?? ''] = value;
}

function receiptText(receipt: Receipt): string {
  const head = [
    `accepted  ${receipt.messageId}`,
    `case      ${receipt.caseRef ?? '–'}`,
    `at        ${receipt.acceptedAt}`,
  ].join('\n');
  const rows = receipt.deliveries.map(({ partner, id }) => [partner, id]);
  const telephone = receipt.telephone ? `\n${receipt.telephone}\n` : '';
  return `${head}\n\n${table(['to', 'delivery'], rows)}${telephone}\nFollow it: hub trace ${receipt.messageId} --follow\n`;
}
