import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import type { Arrival } from './endpoint.js';
import type { Knobs } from './knobs.js';
import { Objections } from './objection.js';
import { openOutgoing, type Outgoing, type OutgoingOptions } from './outgoing.js';
import type { ReceivedList } from './received.js';

export interface FileDropOptions extends OutgoingOptions {
  knobs: Knobs;
  received: ReceivedList;
  /** Called for each copy that is processed. */
  onProcessed: (copy: DeliveredEnvelope) => void;
  /** Shown each file of the hub's as it came. */
  onArrival?: (arrival: Arrival) => void;
}

/** A partner with an SFTP server: the hub writes into `drop` and fetches from `outgoing`. */
export interface PlayedFileDrop {
  files: Outgoing;
  /** Leaves a message for the hub, and resolves when the hub has taken it. */
  send(envelope: Envelope): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 50;

/** Starts the server, and looks into its drop folder until closed. */
export async function playFileDrop(options: FileDropOptions): Promise<PlayedFileDrop> {
  const files = await openOutgoing(options, ['drop', 'done']);
  const stop = new AbortController();
  const looking = look(files, options, stop.signal);
  return {
    files,
    send: (envelope) => files.leave(`${envelope.id}.json`, JSON.stringify(envelope)),
    close: async () => {
      stop.abort();
      await looking;
      await files.close();
    },
  };
}

async function look(files: Outgoing, options: FileDropOptions, stop: AbortSignal): Promise<void> {
  const objections = new Objections();
  while (!stop.aborted) {
    // Whole files alone have this name: the hub renames.
    const whole = readdirSync(join(files.root, 'drop')).filter((name) => name.endsWith('.json'));
    for (const name of options.knobs.down ? [] : whole)
      await take(files, name, { ...options, objections }, stop);
    await pause(LOOK_EVERY_MS, stop);
  }
}

async function take(
  { root, put }: Outgoing,
  name: string,
  options: FileDropOptions & { objections: Objections },
  stop: AbortSignal,
): Promise<void> {
  const { knobs, received, onProcessed, onArrival, objections } = options;
  await pause(knobs.slowMs, stop);
  const body = readFileSync(join(root, 'drop', name), 'utf8');
  renameSync(join(root, 'drop', name), join(root, 'done', name));
  const copy = JSON.parse(body) as DeliveredEnvelope;
  onArrival?.({ deliveryid: copy.deliveryid, headers: {}, body });
  // A receipt file says yes, and there is none that says no.
  if (objections.to(copy, knobs, new Date()) !== undefined) return;
  const entry = knobs.answersBeforeTaking ? undefined : received.note(copy);
  if (entry && (entry.processed === 0 || knobs.acceptsDuplicates)) {
    entry.processed += 1;
    onProcessed(copy);
  }
  if (!knobs.dropAnswerAfterProcessing) put(`${knobs.wrongAnswer ? 'another' : copy.deliveryid}.receipt`, '');
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: stop }).catch(() => undefined);
