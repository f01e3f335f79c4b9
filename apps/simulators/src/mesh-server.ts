import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as the exchange keeps it. */
export interface MeshStored {
  id: string;
  from: string;
  to: string;
  /** What the sender's headers said, in lower case, without those of HTTP itself. */
  headers: Record<string, string>;
  /** By number, from 0; undefined where a chunk has not come or was lost. */
  chunks: (Buffer | undefined)[];
  state: 'uploading' | 'accepted' | 'acknowledged';
}

/** What a call asks for, for a script that answers in the exchange's place. */
export interface MeshCall {
  method: string;
  /** Behind the mailbox: `/outbox`, `/inbox/<id>` … */
  path: string;
  mailbox: string;
}

/**
 * `drop` breaks the connection before anything happened, `lose` does what was asked and breaks it then, `hang` never
 * answers; undefined lets the exchange answer.
 */
export type MeshFault =
  undefined | 'drop' | 'lose' | 'hang' | { status: number; headers?: Record<string, string>; body?: string };

/** A message exchange like MESH, as far as mailboxes that speak its HTTP API can tell. */
export interface MeshServer {
  readonly url: string;
  /** Every call whose token was good, in order. */
  readonly calls: readonly MeshCall[];
  /** Everything that was ever sent, in order. */
  readonly messages: readonly MeshStored[];
  /** Decides what goes wrong; nothing until told. */
  respond(script: (call: MeshCall) => MeshFault): void;
  /** Puts a report of non-delivery into a mailbox, as MESH does for what nobody fetched in five days. */
  report(to: string, about: { workflow: string; localId: string; linkedId: string; code?: string }): string;
  /** Refuses connections, and breaks those that stand. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

export interface MeshServerOptions {
  /** 0 or absent for a free one. */
  port?: number;
  sharedKey: string;
  /** Passwords by mailbox. */
  mailboxes: Record<string, string>;
}

/**
 * Starts one. It keeps what the exchange promises where its sandbox does not: a token is good once and for two hours, and
 * what was acknowledged is gone.
 */
export async function startMeshServer(options: MeshServerOptions): Promise<MeshServer> {
  const exchange = new Exchange(options);
  const server = createServer((request, response) => {
    exchange.serve(request, response).catch(() => response.destroy());
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls: exchange.calls,
    messages: exchange.messages,
    respond: (script) => (exchange.script = script),
    report: (to, about) => exchange.report(to, about),
    down,
    up: async () => {
      if (!server.listening) await listen(port);
    },
    close: down,
  };
}

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

class Exchange {
  readonly calls: MeshCall[] = [];
  readonly messages: MeshStored[] = [];
  script: (call: MeshCall) => MeshFault = () => undefined;
  readonly #used = new Set<string>();

  constructor(private readonly options: MeshServerOptions) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const url = new URL(request.url ?? '', 'http://mesh');
    const [, mailbox, path] = /^\/messageexchange\/([^/]+)(.*)$/.exec(url.pathname) ?? [];
    if (mailbox === undefined || path === undefined) return write(response, { status: 404 });
    if (!this.#authentic(mailbox, request.headers.authorization ?? ''))
      return write(response, refusal(403, '', '', 'Invalid Authentication Token'));
    const call = { method: request.method ?? '', path, mailbox };
    this.calls.push(call);
    const fault = this.script(call);
    if (fault === 'hang') return;
    if (fault === 'drop') return void response.destroy();
    if (typeof fault === 'object') return write(response, fault);
    const reply = this.#answer(call, url, { headers: flat(request), body });
    if (fault === 'lose') return void response.destroy();
    write(response, reply);
  }

  report(to: string, about: { workflow: string; localId: string; linkedId: string; code?: string }): string {
    const { workflow, localId, linkedId, code = '14' } = about;
    const headers = {
      'mex-messagetype': 'REPORT',
      'mex-workflowid': workflow,
      'mex-localid': localId,
      'mex-linkedmsgid': linkedId,
      'mex-statuscode': code,
      'mex-statusevent': 'SEND',
      'mex-statussuccess': 'ERROR',
      'mex-statusdescription': 'Message not collected by recipient',
    };
    return this.#keep({ from: '', to, headers, chunks: [Buffer.alloc(0)], state: 'accepted' }).id;
  }

  /** A token is for one mailbox and one request, and not older than two hours. */
  #authentic(mailbox: string, header: string): boolean {
    const [, named, nonce, count, at, mac] =
      /^NHSMESH ([^:]+):([^:]+):(\d+):(\d{12}):([0-9a-f]{64})$/.exec(header) ?? [];
    const password = this.options.mailboxes[mailbox];
    if (named !== mailbox || password === undefined || at === undefined || mac === undefined) return false;
    const sent = Date.parse(at.replace(/(....)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5Z'));
    const said = `${mailbox}:${nonce}:${count}:${password}:${at}`;
    const wanted = createHmac('sha256', this.options.sharedKey).update(said).digest();
    const fresh = Math.abs(Date.now() - sent) < 2 * 3_600_000 && !this.#used.has(`${nonce}:${count}`);
    if (!fresh || !timingSafeEqual(wanted, Buffer.from(mac, 'hex'))) return false;
    this.#used.add(`${nonce}:${count}`);
    return true;
  }

  #answer(call: MeshCall, url: URL, sent: { headers: Record<string, string>; body: Buffer }): Reply {
    const { method, path, mailbox } = call;
    const [, place = '', id, rest] = path.split('/');
    if (path === '') return { status: 200 };
    if (method === 'POST' && path === '/outbox') return this.#send(mailbox, sent);
    if (method === 'POST' && place === 'outbox') return this.#further(mailbox, id, Number(rest), sent.body);
    if (path === '/outbox/tracking') return this.#track(mailbox, url.searchParams.get('messageID') ?? '');
    if (path === '/inbox') return this.#inbox(mailbox, Number(url.searchParams.get('max_results') ?? 500));
    const message = this.messages.find((one) => one.id === id && one.to === mailbox);
    if (!message || message.state === 'uploading') return refusal(404, 'RECEIVE', '20', 'Does not exist');
    if (method === 'PUT' && rest === 'status') return this.#acknowledge(message);
    if (message.state === 'acknowledged') return refusal(410, 'RECEIVE', '', 'Gone');
    return read(message, rest === undefined ? 1 : Number(rest));
  }

  #send(from: string, { headers, body }: { headers: Record<string, string>; body: Buffer }): Reply {
    const to = headers['mex-to'] ?? '';
    if (!(to in this.options.mailboxes)) return refusal(417, 'SEND', '12', 'Unregistered to address');
    if (body.length === 0) return refusal(417, 'SEND', '02', 'Data file is missing');
    const of = Number(headers['mex-chunk-range']?.split(':')[1] ?? 1);
    const chunks = Array.from({ length: of }, (_, no) => (no === 0 ? body : undefined));
    const state = of === 1 ? 'accepted' : 'uploading';
    return accepted({ message_id: this.#keep({ from, to, headers, chunks, state }).id });
  }

  #further(from: string, id: string | undefined, no: number, body: Buffer): Reply {
    const message = this.messages.find((one) => one.id === id && one.from === from);
    if (!message || !(no > 1 && no <= message.chunks.length))
      return refusal(404, 'SEND', '', 'No such chunk');
    message.chunks[no - 1] = body;
    if (!message.chunks.includes(undefined)) message.state = 'accepted';
    return accepted(null);
  }

  #track(from: string, id: string): Reply {
    const message = this.messages.find((one) => one.id === id && one.from === from);
    return message ? json({ message_id: id, status: message.state }) : refusal(404, '', '', 'Does not exist');
  }

  #inbox(mailbox: string, most: number): Reply {
    const waiting = this.messages.filter(({ to, state }) => to === mailbox && state === 'accepted');
    const messages = waiting.slice(0, Math.min(most, 500)).map(({ id }) => id);
    return json({ messages, links: { self: '' }, approx_inbox_count: waiting.length });
  }

  #acknowledge(message: MeshStored): Reply {
    message.state = 'acknowledged';
    return { status: 200 };
  }

  #keep(message: Omit<MeshStored, 'id'>): MeshStored {
    const kept = { id: randomUUID().replaceAll('-', '').toUpperCase(), ...message };
    this.messages.push(kept);
    return kept;
  }
}

/** 206 as long as more follows. A chunk that is not there is not found. */
function read({ id, from, to, headers, chunks }: MeshStored, no: number): Reply {
  const body = chunks[no - 1];
  if (!body) return refusal(404, 'RECEIVE', '20', 'Does not exist');
  return {
    status: no < chunks.length ? 206 : 200,
    headers: {
      'mex-messagetype': 'DATA',
      'content-type': 'application/octet-stream',
      ...headers,
      'mex-messageid': id,
      'mex-from': from,
      'mex-to': to,
      'mex-chunk-range': `${no}:${chunks.length}`,
    },
    body,
  };
}

const TYPE = { 'content-type': 'application/vnd.mesh.v2+json' };
const json = (body: unknown): Reply => ({ status: 200, headers: TYPE, body: JSON.stringify(body) });
const accepted = (body: unknown): Reply => ({ status: 202, headers: TYPE, body: JSON.stringify(body) });
const refusal = (status: number, event: string, code: string, msg: string): Reply => ({
  status,
  headers: TYPE,
  body: JSON.stringify({ detail: [{ event, code, msg }] }),
});

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers).end(body);
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const OF_MESH = /^(mex-|content-type$|content-encoding$)/;

const flat = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => OF_MESH.test(name))
      .map(([name, value]) => [name, String(value)]),
  );
