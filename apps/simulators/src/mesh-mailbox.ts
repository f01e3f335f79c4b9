import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import { openMailbox, type MeshArrival, type MeshMailbox } from '#channels/mesh.js';
import { fromBundle, toBundle } from '#fhir';
import type { Arrival } from './endpoint.js';
import type { Knobs } from './knobs.js';
import { startMeshServer, type MeshServer } from './mesh-server.js';
import { Objections } from './objection.js';
import type { ReceivedList } from './received.js';

/** The hub's mailbox and the partner's at the exchange; one password opens both. */
export interface MailboxCredentials {
  mailbox: string;
  peerMailbox: string;
  password: string;
  sharedKey: string;
}

export interface MailboxOptions {
  credentials: MailboxCredentials;
  port: number;
  knobs: Knobs;
  received: ReceivedList;
  /** Called for each copy that is processed. */
  onProcessed: (copy: DeliveredEnvelope) => void;
  /** Shown each message of the hub's as it came. */
  onArrival?: (arrival: Arrival) => void;
  log: (line: string) => void;
}

/** A partner with a mailbox, and the exchange where it has it. */
export interface PlayedMailbox {
  exchange: MeshServer;
  /** Leaves a message for the hub, and resolves when the hub has answered that it has it. */
  send(envelope: Envelope): Promise<void>;
  close(): Promise<void>;
}

const WORKFLOW = 'MTA_REFERRAL';
const FHIR_JSON = 'application/fhir+json';
/** The exchange is our own here, so that MESH's five minutes do not bind us. */
const LOOK_EVERY_MS = 100;

/** What stands under the hub's feet and the partner's alike. */
interface Play extends MailboxOptions {
  mailbox: MeshMailbox;
  objections: Objections;
  stop: AbortController;
  /** Messages that the hub has not answered yet, by the id that they went under. */
  asked: Map<string, { resolve: () => void; reject: (error: Error) => void }>;
}

/** Starts the exchange, and looks into the partner's mailbox until closed. */
export async function playMailbox(options: MailboxOptions): Promise<PlayedMailbox> {
  const { mailbox: hub, peerMailbox: own, password, sharedKey } = options.credentials;
  const mailboxes = { [hub]: password, [own]: password };
  const exchange = await startMeshServer({ port: options.port, sharedKey, mailboxes });
  const mailbox = openMailbox({ url: exchange.url, mailbox: own, password, sharedKey });
  const play: Play = {
    ...options,
    mailbox,
    objections: new Objections(),
    stop: new AbortController(),
    asked: new Map(),
  };
  const looking = look(play);
  return {
    exchange,
    send: (envelope) => sendToHub(play, envelope),
    close: async () => {
      play.stop.abort();
      await looking;
      for (const { reject } of play.asked.values()) reject(new Error('The simulator ends.'));
      await mailbox.close();
      await exchange.close();
    },
  };
}

async function look(play: Play): Promise<void> {
  const { knobs, stop, log, mailbox } = play;
  let trouble = '';
  while (!stop.signal.aborted) {
    try {
      const { ids } = knobs.down ? { ids: [] } : await mailbox.list(stop.signal);
      for (const id of ids) await take(play, id);
      trouble = '';
    } catch (error) {
      const { message } = error as Error;
      if (!stop.signal.aborted && message !== trouble) log(`a mailbox could not be emptied: ${message}`);
      trouble = message;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

async function take(play: Play, id: string): Promise<void> {
  const { mailbox, stop, knobs } = play;
  const arrival = await mailbox.read(id, stop.signal);
  if (!arrival || typeof arrival.body === 'string') return;
  await sleep(knobs.slowMs, undefined, { signal: stop.signal });
  if (arrival.kind === 'DATA' && arrival.workflow === WORKFLOW) await takeCopy(play, arrival, arrival.body);
  else if (arrival.kind === 'DATA') takeAnswer(play, arrival, arrival.body);
  await mailbox.acknowledge(id, stop.signal);
}

async function takeCopy(play: Play, { localId, workflow }: MeshArrival, body: Buffer): Promise<void> {
  const { knobs, objections, received, onProcessed } = play;
  const read = fromBundle(JSON.parse(body.toString()));
  if (!('envelope' in read))
    return answer(play, localId, knobs.takesBad ? TAKEN : issue('error', 'structure'));
  const copy = { ...read.envelope, deliveryid: localId } as DeliveredEnvelope;
  play.onArrival?.({ deliveryid: localId, headers: { 'mex-workflowid': workflow }, body: body.toString() });
  if (objections.to(copy, knobs, new Date()) !== undefined)
    return answer(play, localId, issue('error', 'business-rule'));
  if (!knobs.answersBeforeTaking) {
    received.note(copy).processed += 1;
    onProcessed(copy);
  }
  if (knobs.dropAnswerAfterProcessing) return;
  if (knobs.htmlAnswer) return answer(play, localId, '<!doctype html><title>Welcome</title>');
  if (knobs.duplicateAnswer) return answer(play, localId, issue('error', 'duplicate'));
  await answer(play, knobs.wrongAnswer ? 'another' : localId, TAKEN);
}

const issue = (severity: string, code: string): string =>
  JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity, code }] });
const TAKEN = issue('information', 'informational');

async function answer(play: Play, localId: string, body: string): Promise<void> {
  await post(play, { workflow: `${WORKFLOW}_ACK`, localId, body: Buffer.from(body) });
}

/** The hub says that it has a message of ours, or why it does not take it. */
function takeAnswer({ asked }: Play, { localId }: MeshArrival, body: Buffer): void {
  const waiting = asked.get(localId);
  asked.delete(localId);
  const { resourceType, issue: issues } = JSON.parse(body.toString()) as {
    resourceType: string;
    issue?: { severity: string; code: string }[];
  };
  const refused = issues?.find(({ severity, code }) => severity === 'error' && code !== 'duplicate');
  if (resourceType === 'OperationOutcome' && refused)
    waiting?.reject(new Error(`The hub refused it: ${refused.code}.`));
  else waiting?.resolve();
}

async function sendToHub(play: Play, envelope: Envelope): Promise<void> {
  const answered = new Promise<void>((resolve, reject) => play.asked.set(envelope.id, { resolve, reject }));
  // Whoever waits hears of a refusal below; until then it is nobody's fault.
  answered.catch(() => undefined);
  const body = Buffer.from(JSON.stringify(toBundle(envelope)));
  await post(play, { workflow: WORKFLOW, localId: envelope.id, body });
  await answered;
}

async function post(
  { mailbox, credentials, stop }: Play,
  message: { workflow: string; localId: string; body: Buffer },
): Promise<void> {
  const outcome = await mailbox.send(
    { to: credentials.mailbox, contentType: FHIR_JSON, ...message },
    stop.signal,
  );
  if (outcome.class !== 'handed-over') throw new Error(`The exchange did not take it: ${outcome.code}.`);
}
