import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import { hasFhirForm } from '#fhir';
import { fhirDialect, httpDialect, webhookDialect, type Dialect } from './dialects.js';
import { Endpoint, type Arrival } from './endpoint.js';
import { playFileDrop } from './file-drop.js';
import { HubClient, type ClientCredentials } from './hub-client.js';
import { GOOD, type Knobs } from './knobs.js';
import { playMailbox, type MailboxCredentials, type MailboxOptions } from './mesh-mailbox.js';
import type { MeshServer } from './mesh-server.js';
import { openOutgoing, type FileCredentials, type Outgoing } from './outgoing.js';
import { ReceivedList, type Received } from './received.js';
import { partOf, type SimulatorName } from './roster.js';
import { Voice, type Said } from './voice.js';

export { SIMULATORS, type SimulatorName } from './roster.js';

/** What a simulator shows the hub, and what the hub shows it. */
export interface SimulatorCredentials extends ClientCredentials {
  webhookSecret?: string;
  apiKey?: string;
  mesh?: MailboxCredentials;
  sftp?: FileCredentials;
}

export interface SimulatorOptions {
  hubUrl: string;
  credentials: SimulatorCredentials;
  /** 0 or absent for a free one; of no meaning to an inbox partner. */
  port?: number;
  /** The same for its SFTP server, where it has one beside its channel. */
  pickupPort?: number;
  knobs?: Partial<Knobs>;
  /** Told what went wrong, in words without payload. */
  log?: (line: string) => void;
  /** Shown each authentic copy that an endpoint is sent, as it came. */
  onArrival?: (arrival: Arrival) => void;
}

/** One partner's system, made up. */
export interface Simulator {
  readonly name: SimulatorName;
  /** Where its endpoint listens, as `config/partners.json` would name it; empty for an inbox partner. */
  readonly url: string;
  /** Where it leaves files for the hub, for one that does so beside its channel. */
  readonly pickupUrl?: string;
  /** The message exchange where it has its mailbox, for those that have one. */
  readonly exchange?: MeshServer;
  readonly knobs: Readonly<Knobs>;
  received(): Received[];
  set(change: Partial<Knobs>): Promise<void>;
  /**
   * Sends a message of this partner's in its own way, and resolves with its id when the hub has it. An id, a source and
   * a time that the envelope lacks are put in.
   */
  send(message: Said): Promise<string>;
  /**
   * Brings a file of rows: left in its folder where it has one, else uploaded. Resolves when the hub has answered for
   * the file; what became of each row stands in that answer.
   * @param file `outcomes.2026-11.csv` says which rows they are; `.ndjson` has a message in each line
   */
  sendRows(file: string, text: string): Promise<void>;
  /** Decides everything that waits for its time, and resolves when the hub has the answers. */
  decideNow(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one partner: an endpoint for those that have one, a poller of the hub's inbox for the others. */
export async function startSimulator(name: SimulatorName, options: SimulatorOptions): Promise<Simulator> {
  const part = partOf(name);
  const knobs: Knobs = { ...GOOD, ...options.knobs };
  const received = new ReceivedList();
  const hub = new HubClient(options.hubUrl, options.credentials);
  const stop = new AbortController();
  const log = options.log ?? (() => undefined);
  const carry = async (envelope: Envelope): Promise<void> => {
    const asFhir = hasFhirForm(envelope.type);
    if (drop) await drop.send(envelope);
    else if (part.inLines?.includes(envelope.type))
      await hub.sendRows('messages.ndjson', `${JSON.stringify(envelope)}\n`);
    else if (mailbox && asFhir) await mailbox.send(envelope);
    else await (part.channel === 'fhir' && asFhir ? hub.sendFhir(envelope) : hub.send(envelope));
  };
  const voice = new Voice({ name, carry, knobs, log });
  const onProcessed = (copy: DeliveredEnvelope): void => voice.answer(copy);

  const own = { knobs, received, onProcessed };
  const endpoint = endpointOf(name, options, own);
  if (endpoint && !knobs.down) await endpoint.up(options.port ?? 0);
  const mailbox = part.channel === 'mesh' ? await playMailbox(placeOf(options, own, 'mesh')) : undefined;
  const drop = part.channel === 'sftp' ? await playFileDrop(placeOf(options, own, 'sftp')) : undefined;
  const beside = await openBeside(name, options, knobs);
  const files = drop?.files ?? beside;
  const polling =
    part.channel === 'inbox'
      ? pollInbox({ hub, knobs, received, onProcessed, stop: stop.signal, log, name })
      : undefined;

  return {
    name,
    url: endpoint
      ? `${endpoint.url}${part.basePath ?? ''}`
      : (mailbox?.exchange.url ?? (drop ? `${drop.files.server.url}${part.basePath ?? ''}` : '')),
    ...(beside && { pickupUrl: `${beside.server.url}/outgoing` }),
    ...(mailbox && { exchange: mailbox.exchange }),
    knobs,
    received: () => received.all(),
    set: async (change) => {
      Object.assign(knobs, change);
      const listens = endpoint ?? mailbox?.exchange;
      await (knobs.down ? listens?.down() : listens?.up());
    },
    send: (message) => voice.send(message),
    sendRows: (file, text) => (files ? files.leave(file, text) : hub.sendRows(file, text)),
    decideNow: () => voice.decisions.now(),
    close: async () => {
      stop.abort();
      voice.close();
      hub.close();
      await endpoint?.down();
      await mailbox?.close();
      await drop?.close();
      await beside?.close();
      await polling;
    },
  };
}

/** What a simulator does with a copy, whatever way it came. */
type Own = Pick<MailboxOptions, 'knobs' | 'received' | 'onProcessed'>;

/** The SFTP server that a partner has beside its channel; none for one that was told nobody who may log in there. */
async function openBeside(
  name: SimulatorName,
  { credentials: { sftp }, pickupPort = 0 }: SimulatorOptions,
  knobs: Knobs,
): Promise<Outgoing | undefined> {
  if (partOf(name).pickupPort === undefined || !sftp) return undefined;
  return openOutgoing({ credentials: sftp, port: pickupPort, knobs });
}

function endpointOf(
  name: SimulatorName,
  { credentials, onArrival }: SimulatorOptions,
  own: Own,
): Endpoint | undefined {
  const part = partOf(name);
  const dialect = dialectOf(name, credentials);
  return dialect && new Endpoint({ ...own, dialect, idempotent: part.idempotent, onArrival });
}

/** What a partner needs that has a place of its own, a mailbox or an SFTP server. */
function placeOf<Kind extends 'mesh' | 'sftp'>(
  { credentials, port = 0, onArrival, log = () => undefined }: SimulatorOptions,
  own: Own,
  kind: Kind,
): Own &
  Pick<MailboxOptions, 'port' | 'log' | 'onArrival'> & {
    credentials: NonNullable<SimulatorCredentials[Kind]>;
  } {
  const shown = credentials[kind];
  if (!shown) throw new Error(`This partner needs ${kind} in its credentials.`);
  return { ...own, credentials: shown, port, log, ...(onArrival && { onArrival }) };
}

function dialectOf(
  name: SimulatorName,
  { webhookSecret = '', apiKey = '' }: SimulatorCredentials,
): Dialect | undefined {
  switch (partOf(name).channel) {
    case 'webhook':
      return webhookDialect(name, webhookSecret.split(/\s+/).filter(Boolean));
    case 'http':
      return httpDialect('/messages', apiKey);
    case 'fhir':
      return fhirDialect('/$process-message', apiKey);
    case 'mesh':
    case 'sftp':
    case 'inbox':
      return undefined;
  }
}

interface Polling {
  hub: HubClient;
  knobs: Knobs;
  received: ReceivedList;
  onProcessed: (copy: DeliveredEnvelope) => void;
  stop: AbortSignal;
  log: (line: string) => void;
  name: string;
}

/** Fetches, acknowledges and processes until stopped. */
async function pollInbox(polling: Polling): Promise<void> {
  const { knobs, stop, log, name } = polling;
  let trouble = '';
  while (!stop.aborted) {
    try {
      const found = knobs.down ? 0 : await emptyInbox(polling);
      trouble = '';
      // The hub holds an empty answer back for a while; this is for one that does not.
      if (found === 0) await sleep(100, undefined, { signal: stop });
    } catch (error) {
      if (stop.aborted) return;
      const { message } = error as Error;
      if (message !== trouble) log(`${name}: its inbox could not be read: ${message}`);
      trouble = message;
      await sleep(1_000, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

/** Processes what one reading of the inbox gives; resolves with how much that was. */
async function emptyInbox({ hub, knobs, received, onProcessed, stop }: Polling): Promise<number> {
  const copies = await hub.inbox();
  for (const copy of copies) {
    await sleep(knobs.slowMs, undefined, { signal: stop });
    if (!(await hub.acknowledge(copy.deliveryid))) continue;
    const entry = received.note(copy);
    entry.processed += 1;
    if (entry.processed === 1) onProcessed(copy);
  }
  return copies.length;
}
