import { createHmac, randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Agent, request, type Dispatcher } from 'undici';
import type { Outcome } from '#contracts';
import { jsonOf, sendOnce, type Answer, type Proof } from './http.js';

/** A mailbox at MESH, NHS England's message exchange, and how it is opened. */
export interface MeshAccess {
  /** The exchange: `https://mesh-sync.spineservices.nhs.uk`. */
  url: string;
  /** Our mailbox's id and password. */
  mailbox: string;
  password: string;
  /** The environment's shared key. */
  sharedKey: string;
  /** The client certificate that real environments ask for, as PEM. */
  tls?: { cert: string; key: string; ca?: string };
  /** Longest chunk in bytes. */
  chunkBytes?: number;
}

/** One message for another mailbox. Its headers are seen by everybody on the way: nothing personal stands in them. */
export interface MeshMessage {
  /** The mailbox that it is for. */
  to: string;
  /** What the other side knows its kind by. */
  workflow: string;
  /** Our name for it, which comes back in reports. */
  localId: string;
  contentType: string;
  body: Buffer;
}

/** A message in our inbox. */
export interface MeshArrival {
  id: string;
  /** `REPORT`: the exchange itself tells of a message of ours that it could not deliver. */
  kind: 'DATA' | 'REPORT';
  /** The sender's mailbox, as the exchange knows it; empty for a report. */
  from: string;
  workflow: string;
  /** What the sender calls it; in a report, what we called ours. */
  localId: string;
  /** In a report: the exchange's id of our message. */
  linkedId: string;
  /** In a report: why, such as `14` for not fetched in time. */
  statusCode: string;
  contentType: string;
  /** `incomplete`: a chunk of it is not there. `too-large`: more than anybody may send us. */
  body: Buffer | 'incomplete' | 'too-large';
}

export interface MeshMailbox {
  /** Says that the mailbox is in use; MESH wants it at least once a day. */
  handshake(signal: AbortSignal): Promise<void>;
  /** Sends once, in chunks where it must. `handed-over`: MESH has it whole. */
  send(message: MeshMessage, signal: AbortSignal): Promise<Outcome>;
  /** The ids in the inbox, oldest first; `more` when there were too many for one answer. */
  list(signal: AbortSignal): Promise<{ ids: string[]; more: boolean }>;
  /** Reads one whole, and leaves it there; undefined when it is there no more. */
  read(id: string, signal: AbortSignal): Promise<MeshArrival | undefined>;
  /** Takes it out of the inbox for good: only when what it said is safe elsewhere. */
  acknowledge(id: string, signal: AbortSignal): Promise<void>;
  /** How far a message of ours has come: `accepted`, `acknowledged`, `undeliverable`, `uploading` … */
  track(messageId: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** MESH refused a call about the mailbox itself. Holds a status, nothing of the message. */
export class MeshRefused extends Error {
  override readonly name = 'MeshRefused';
  readonly code: string;
  constructor(call: string, status: number) {
    super(`MESH answered ${status} to ${call}.`);
    this.code = String(status);
  }
}

const V2 = 'application/vnd.mesh.v2+json';
/** MESH takes 100 MB in one request; a fifth of it is sooner sent again. */
const CHUNK_BYTES = 20 * 1024 * 1024;
/** A FHIR bundle may have 1 MiB at our door; this is so much more that the door can say so itself. */
const READ_LIMIT = 4 * 1024 * 1024;
/** The most ids that MESH gives in one answer. */
const PAGE = 500;
/** Longest time for one call but a send, whose time its attempt sets, in milliseconds. */
const CALL_MS = 60_000;

/** Opens a mailbox; nothing is sent before the first call. */
export function openMailbox(access: MeshAccess): MeshMailbox {
  // No connection is used twice, as for any partner that cannot tell a repeat: see openConnections.
  const connections = new Agent({
    allowH2: false,
    pipelining: 0,
    ...(access.tls && { connect: access.tls }),
  });
  const authorization = tokens(access);
  const base = `${access.url.replace(/\/$/, '')}/messageexchange/${encodeURIComponent(access.mailbox)}`;
  const call: Call = (method, path, signal, headers = {}) =>
    request(`${base}${path}`, {
      dispatcher: connections,
      method,
      headers: { accept: V2, 'accept-encoding': 'identity', authorization: authorization(), ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
    });
  const simply = async (...how: Parameters<Call>): Promise<Buffer> => {
    const { statusCode, body } = await call(...how);
    const bytes = await upTo(body, READ_LIMIT);
    if (statusCode !== 200) throw new MeshRefused(how[1].replace(/\/[^/]*\d[^/]*/, '/…') || '/', statusCode);
    return bytes ?? Buffer.alloc(0);
  };
  return {
    handshake: async (signal) => void (await simply('POST', '', signal, CLIENT)),
    send: (message, signal) =>
      sendInChunks(message, access.chunkBytes ?? CHUNK_BYTES, (chunk) => {
        const headers = { authorization: authorization(), ...headersOf(message, chunk) };
        return sendChunk(connections, { url: `${base}${pathOf(chunk)}`, headers, chunk }, signal);
      }),
    list: async (signal) => idsIn(await simply('GET', `/inbox?max_results=${PAGE}`, signal)),
    read: (id, signal) => readWhole(call, id, signal),
    acknowledge: async (id, signal) =>
      void (await simply('PUT', `/inbox/${encodeURIComponent(id)}/status/acknowledged`, signal)),
    track: async (id, signal) => {
      const path = `/outbox/tracking?messageID=${encodeURIComponent(id)}`;
      return String(jsonOf((await simply('GET', path, signal)).toString())?.['status']);
    },
    close: () => connections.destroy(),
  };
}

type Call = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  signal: AbortSignal,
  headers?: Record<string, string>,
) => Promise<Dispatcher.ResponseData>;

/** What MESH wants to know of its clients. */
const CLIENT = {
  'mex-clientversion': 'alliance-hub==1',
  'mex-osname': process.platform,
  'mex-osversion': process.version,
};

/** A token for each request: MESH takes none twice, nor one that is two hours old. */
function tokens({ mailbox, password, sharedKey }: MeshAccess): () => string {
  const nonce = randomUUID();
  let count = 0;
  return () => {
    const at = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 12);
    const said = `${mailbox}:${nonce}:${(count += 1)}`;
    const mac = createHmac('sha256', sharedKey).update(`${said}:${password}:${at}`).digest('hex');
    return `NHSMESH ${said}:${at}:${mac}`;
  };
}

/** A part of a message: the `no`th of `of`, from 1. `messageId` is what MESH called the message with the first. */
interface Chunk {
  no: number;
  of: number;
  body: Buffer;
  messageId: string;
}

/**
 * MESH delivers nothing before the last chunk is there, so that a send which ends before has not arrived, whatever
 * became of its chunks. The last one is what may have arrived unknown to us.
 */
async function sendInChunks(
  { body }: MeshMessage,
  size: number,
  send: (chunk: Chunk) => Promise<Outcome>,
): Promise<Outcome> {
  const of = Math.max(1, Math.ceil(body.length / size));
  let messageId = '';
  for (let no = 1; ; no += 1) {
    const outcome = await send({ no, of, body: body.subarray((no - 1) * size, no * size), messageId });
    if (outcome.class !== 'delivered') return no < of ? { ...outcome, arrived: 'no' } : outcome;
    if (no === 1) messageId = outcome.evidence?.reference ?? '';
    if (no === of)
      return {
        class: 'handed-over',
        arrived: 'yes',
        code: 'handed-over',
        evidence: { ...outcome.evidence, reference: messageId },
      };
  }
}

const pathOf = ({ no, messageId }: Chunk): string => (no === 1 ? '/outbox' : `/outbox/${messageId}/${no}`);

function headersOf(message: MeshMessage, { no, of }: Chunk): Record<string, string> {
  return {
    accept: V2,
    'accept-encoding': 'identity',
    'content-type': of === 1 ? message.contentType : 'application/octet-stream',
    'mex-content-type': message.contentType,
    'mex-to': message.to,
    'mex-workflowid': message.workflow,
    'mex-localid': message.localId,
    ...(of > 1 && { 'mex-chunk-range': `${no}:${of}` }),
  };
}

function sendChunk(
  connections: Dispatcher,
  { url, headers, chunk }: { url: string; headers: Record<string, string>; chunk: Chunk },
  signal: AbortSignal,
): Promise<Outcome> {
  return sendOnce(connections, chunk.no === 1 ? FIRST : FURTHER, signal, async (dispatcher) => {
    const response = await request(url, { dispatcher, method: 'POST', headers, body: chunk.body, signal });
    await response.body.text();
  });
}

const messageIdIn = ({ body }: Answer): string | undefined => {
  const id = jsonOf(body)?.['message_id'];
  return typeof id === 'string' && ID.test(id) ? id : undefined;
};
/** What MESH calls a message: nothing in it could lead elsewhere in a path. */
const ID = /^[\w-]{1,100}$/;

/** MESH says 417 where a header names what it does not know: a mailbox that nobody has, a workflow not registered. */
const REFUSES = { duplicate: () => false, refuses: ({ status }: Answer) => status === 417 };
const FIRST: Proof = { ...REFUSES, taken: messageIdIn };
const FURTHER: Proof = { ...REFUSES, taken: ({ status }) => (status === 202 ? 'chunk' : undefined) };

function idsIn(answer: Buffer): { ids: string[]; more: boolean } {
  const messages = jsonOf(answer.toString())?.['messages'];
  if (!Array.isArray(messages)) throw new MeshRefused('/inbox with no list', 200);
  const ids = messages.filter((id): id is string => typeof id === 'string' && ID.test(id));
  return { ids, more: messages.length >= PAGE };
}

async function readWhole(call: Call, id: string, signal: AbortSignal): Promise<MeshArrival | undefined> {
  const first = await call('GET', `/inbox/${encodeURIComponent(id)}`, signal);
  const start = await upTo(first.body, READ_LIMIT);
  if ([404, 410].includes(first.statusCode)) return undefined;
  if (![200, 206].includes(first.statusCode)) throw new MeshRefused('/inbox/…', first.statusCode);
  const told = (name: string): string => String(first.headers[name] ?? '');
  const kind = told('mex-messagetype').toUpperCase() === 'REPORT' ? 'REPORT' : 'DATA';
  const of = kind === 'REPORT' ? 1 : Number(/^1:(\d{1,6})$/.exec(told('mex-chunk-range'))?.[1] ?? 1);
  return {
    id,
    kind,
    from: told('mex-from'),
    workflow: told('mex-workflowid'),
    localId: told('mex-localid'),
    linkedId: told('mex-linkedmsgid'),
    statusCode: told('mex-statuscode'),
    contentType: told('mex-content-type') || told('content-type'),
    body: start === undefined ? 'too-large' : await theRest(call, id, { start, of }, signal),
  };
}

/** The chunks after the first, each for itself packed or not. Never a part for the whole. */
async function theRest(
  call: Call,
  id: string,
  { start, of }: { start: Buffer; of: number },
  signal: AbortSignal,
): Promise<MeshArrival['body']> {
  const chunks = [start];
  for (let no = 2; no <= of; no += 1) {
    const { statusCode, body } = await call('GET', `/inbox/${encodeURIComponent(id)}/${no}`, signal);
    const chunk = await upTo(body, READ_LIMIT);
    if ([404, 410].includes(statusCode)) return 'incomplete';
    if (![200, 206].includes(statusCode)) throw new MeshRefused('/inbox/…/…', statusCode);
    if (chunk === undefined) return 'too-large';
    chunks.push(chunk);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > READ_LIMIT) return 'too-large';
  }
  return unpacked(chunks);
}

/** Whoever packed a chunk may say so in one of two headers, or in none; the bytes do. No JSON or XML begins like this. */
function unpacked(chunks: readonly Buffer[]): Buffer | 'too-large' {
  const plain: Buffer[] = [];
  let left = READ_LIMIT;
  for (const chunk of chunks) {
    const one = chunk[0] === 0x1f && chunk[1] === 0x8b ? unzipped(chunk, left) : chunk;
    if (one === 'too-large' || one.length > left) return 'too-large';
    left -= one.length;
    plain.push(one);
  }
  return Buffer.concat(plain);
}

function unzipped(chunk: Buffer, most: number): Buffer | 'too-large' {
  try {
    return gunzipSync(chunk, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    // What cannot be unpacked is no text either; whoever reads it says so.
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : chunk;
  }
}

/** A body of at most this many bytes; undefined for a longer one, of which the rest is not read. */
async function upTo(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
