import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import type { Arrival } from './endpoint.js';
import type { Knobs } from './knobs.js';
import type { ReceivedList } from './received.js';
import { startSftpServer, type SftpServer } from './sftp-server.js';

/** How the hub logs in, and the server's own key. */
export interface FileDropCredentials {
  user: string;
  password?: string;
  serverKey?: string;
}

export interface FileDropOptions {
  credentials: FileDropCredentials;
  port: number;
  knobs: Knobs;
  received: ReceivedList;
  /** Called for each copy that is processed. */
  onProcessed: (copy: DeliveredEnvelope) => void;
  /** Shown each file of the hub's as it came. */
  onArrival?: (arrival: Arrival) => void;
}

/** A partner with an SFTP server: the hub writes into `drop` and fetches from `outgoing`. */
export interface PlayedFileDrop {
  server: SftpServer;
  /** Leaves a message for the hub, and resolves when the hub has taken it. */
  send(envelope: Envelope): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 50;

/** Starts the server, and looks into its drop folder until closed. */
export async function playFileDrop(options: FileDropOptions): Promise<PlayedFileDrop> {
  const { credentials, knobs, port } = options;
  const root = mkdtempSync(join(tmpdir(), 'file-drop-'));
  for (const folder of ['drop', 'outgoing', 'done']) mkdirSync(join(root, folder));
  const { user, password = '', serverKey } = credentials;
  const server = await startSftpServer({
    root,
    user,
    password,
    port,
    ...(serverKey && { hostKey: serverKey }),
  });
  server.whim(() => (knobs.down ? 'cut' : undefined));
  const stop = new AbortController();
  const looking = look(root, options, stop.signal);
  return {
    server,
    send: (envelope) => sendByFile(root, envelope, stop.signal),
    close: async () => {
      stop.abort();
      await looking;
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function look(root: string, options: FileDropOptions, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    // Whole files alone have this name: the hub renames.
    const whole = readdirSync(join(root, 'drop')).filter((name) => name.endsWith('.json'));
    for (const name of options.knobs.down ? [] : whole) await take(root, name, options, stop);
    await pause(LOOK_EVERY_MS, stop);
  }
}

async function take(root: string, name: string, options: FileDropOptions, stop: AbortSignal): Promise<void> {
  const { knobs, received, onProcessed, onArrival } = options;
  await pause(knobs.slowMs, stop);
  const body = readFileSync(join(root, 'drop', name), 'utf8');
  renameSync(join(root, 'drop', name), join(root, 'done', name));
  const copy = JSON.parse(body) as DeliveredEnvelope;
  onArrival?.({ deliveryid: copy.deliveryid, headers: {}, body });
  const entry = received.note(copy);
  if (entry.processed === 0 || knobs.acceptsDuplicates) {
    entry.processed += 1;
    onProcessed(copy);
  }
  if (!knobs.dropAnswerAfterProcessing)
    leave(root, `${knobs.wrongAnswer ? 'another' : copy.deliveryid}.receipt`, '');
}

/** Under a name that nobody reads, then renamed. */
function leave(root: string, name: string, text: string): void {
  const place = join(root, 'outgoing', name);
  writeFileSync(`${place}.part`, text);
  renameSync(`${place}.part`, place);
}

async function sendByFile(root: string, envelope: Envelope, stop: AbortSignal): Promise<void> {
  const name = `${envelope.id}.json`;
  leave(root, name, JSON.stringify(envelope));
  while (existsSync(join(root, 'outgoing', name))) {
    if (stop.aborted) throw new Error('The simulator ends.');
    await pause(LOOK_EVERY_MS, stop);
  }
  if (existsSync(join(root, 'outgoing', 'refused', name))) throw new Error('The hub refused it.');
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: stop }).catch(() => undefined);
