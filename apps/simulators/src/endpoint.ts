import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope } from '#contracts';
import type { Dialect, Reply } from './dialects.js';
import type { ErrorKind, Knobs } from './knobs.js';
import { Objections } from './objection.js';
import type { ReceivedList } from './received.js';

export interface EndpointOptions {
  dialect: Dialect;
  /** Knows a repeated deliveryid, processes it once and answers the same again. */
  idempotent: boolean;
  knobs: Knobs;
  received: ReceivedList;
  /** Called for each copy that is processed. */
  onProcessed: (copy: DeliveredEnvelope) => void;
  /** Shown each authentic copy as it came, for a test that looks at what has left the hub. */
  onArrival?: (arrival: Arrival) => void;
}

/** A copy as it came, before anything was made of it. */
export interface Arrival {
  deliveryid: string;
  headers: Record<string, string>;
  body: string;
}

/** A partner's HTTP endpoint, good or bad as its knobs say. */
export class Endpoint {
  readonly #server: Server;
  readonly #objections = new Objections();
  #requests = 0;
  #port = 0;

  constructor(private readonly options: EndpointOptions) {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** @param port 0 for a free one; the same again after a `down`. */
  async up(port = this.#port): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Refuses connections from now on, and breaks those that stand. */
  async down(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { knobs, dialect } = this.options;
    const body = await textOf(request);
    if (knobs.slowMs > 0) await sleep(knobs.slowMs, undefined, { ref: false });
    if (this.#failsThisTime()) return fail(response, knobs.errorKind);
    if (request.method !== 'POST' || !request.url?.endsWith(dialect.path))
      return write(response, { status: 404 });
    const headers = flat(request);
    if (!knobs.takesAnybody && !dialect.authentic(headers, body)) return write(response, { status: 401 });
    const copy = dialect.read(body, headers);
    if (!copy)
      return write(response, knobs.takesBad ? dialect.taken(dialect.idOf(headers)) : { status: 400 });
    this.options.onArrival?.({ deliveryid: copy.deliveryid, headers, body });
    if (this.#objections.to(copy, knobs, new Date()) !== undefined)
      return write(response, dialect.refused(copy.deliveryid));

    if (!knobs.answersBeforeTaking) this.#process(copy);
    if (knobs.dropAnswerAfterProcessing) return void response.destroy();
    write(response, this.#answer(copy.deliveryid));
  }

  #process(copy: DeliveredEnvelope): void {
    const entry = this.options.received.note(copy);
    const knowsIt = this.options.idempotent && !this.options.knobs.acceptsDuplicates && entry.processed > 0;
    if (knowsIt) return;
    entry.processed += 1;
    this.options.onProcessed(copy);
  }

  #answer(deliveryid: string): Reply {
    const { knobs, dialect } = this.options;
    if (knobs.htmlAnswer)
      return { status: 200, type: 'text/html', body: '<!doctype html><title>Welcome</title>' };
    if (knobs.wrongAnswer) return { status: 200, type: 'application/json', body: '{"deliveryid":"another"}' };
    return knobs.duplicateAnswer ? dialect.duplicate(deliveryid) : dialect.taken(deliveryid);
  }

  /** Spreads the errors evenly: of ten requests at a rate of 0.3 the 4th, 7th and 10th fail. */
  #failsThisTime(): boolean {
    const { errorRate } = this.options.knobs;
    this.#requests += 1;
    return Math.floor(this.#requests * errorRate) > Math.floor((this.#requests - 1) * errorRate);
  }
}

const ERRORS: Record<Exclude<ErrorKind, 'reset'>, Reply> = {
  'server-error': { status: 500 },
  unavailable: { status: 503, headers: { 'retry-after': '1' } },
  'rate-limited': { status: 429, headers: { 'retry-after': '1' } },
  unauthorised: { status: 401 },
};

function fail(response: ServerResponse, kind: ErrorKind): void {
  if (kind === 'reset') response.destroy();
  else write(response, ERRORS[kind]);
}

function write(response: ServerResponse, { status, type, headers, body }: Reply): void {
  response.writeHead(status, { ...(type && { 'content-type': type }), ...headers }).end(body);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const flat = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
