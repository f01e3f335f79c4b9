import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './free-port.js';

/** How a fake partner is reached and how it proves that it has a copy. */
export type FakeStyle = 'webhook' | 'http' | 'fhir';

/** One arrival at a fake partner. */
export interface Arrival {
  deliveryid: string;
  /** 1 for the first copy with this deliveryid. */
  copy: number;
  /** 1 for the first arrival of all. */
  order: number;
  path: string;
  headers: Record<string, string>;
  /** Parsed JSON. */
  body: Record<string, unknown>;
}

/**
 * What to do with an arrival: `good` takes it and says so in the partner's way; `duplicate` says that it had it before;
 * `drop` takes it and breaks the connection; `hang` takes it and never answers; `html` takes it and answers with a page;
 * any other answer takes nothing.
 */
export type FakeReply =
  | 'good'
  | 'duplicate'
  | 'drop'
  | 'hang'
  | 'html'
  | { status: number; headers?: Record<string, string>; body?: string; takes?: boolean };

export interface FakePartner {
  readonly url: string;
  /** Every arrival, in order. */
  readonly received: readonly Arrival[];
  /** Deliveries that took effect, by deliveryid, with how often they did. A double at an idempotent partner never happens. */
  readonly effects: ReadonlyMap<string, number>;
  /** How many effects there were too many. Must be 0 at a partner that is not idempotent. */
  doubles(): number;
  /** Decides what to do with each arrival; `good` for everything until told. */
  respond(script: (arrival: Arrival) => FakeReply | Promise<FakeReply>): void;
  /** Refuses connections; those that stand are broken. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A partner that does as the test says.
 * @param options `idempotent`: a repeated deliveryid takes effect once. `port`: 0 for a free one.
 */
export async function startFakePartner(options: {
  style: FakeStyle;
  idempotent: boolean;
  port?: number;
  /** Whose marker a webhook's duplicate bears. */
  partner?: string;
}): Promise<FakePartner> {
  const { style, idempotent, partner = 'nkm' } = options;
  const received: Arrival[] = [];
  const effects = new Map<string, number>();
  const copies = new Map<string, number>();
  let script: (arrival: Arrival) => FakeReply | Promise<FakeReply> = () => 'good';

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { deliveryid, ...rest } = await readCopy(request, style);
    const copy = (copies.get(deliveryid) ?? 0) + 1;
    copies.set(deliveryid, copy);
    const arrival = { deliveryid, copy, order: received.length + 1, ...rest };
    received.push(arrival);
    const reply = await script(arrival);
    if (takes(reply)) {
      const before = effects.get(arrival.deliveryid) ?? 0;
      effects.set(arrival.deliveryid, idempotent ? 1 : before + 1);
    }
    write(response, { style, partner }, arrival, reply);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const port = options.port ?? (await freePort());
  await listen(port);

  return {
    url: `http://127.0.0.1:${port}`,
    received,
    effects,
    doubles: () => [...effects.values()].reduce((sum, times) => sum + times - 1, 0),
    respond: (next) => (script = next),
    down,
    up: () => listen(port),
    close: down,
  };
}

function takes(reply: FakeReply): boolean {
  if (typeof reply === 'object') return reply.takes ?? false;
  return reply !== 'duplicate';
}

function write(
  response: ServerResponse,
  { style, partner }: { style: FakeStyle; partner: string },
  arrival: Arrival,
  reply: FakeReply,
): void {
  if (reply === 'drop') return void response.destroy();
  if (reply === 'hang') return;
  const answer = typeof reply === 'object' ? reply : ANSWERS[style][reply](arrival.deliveryid, partner);
  response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
}

type Written = { status: number; headers?: Record<string, string>; body?: string };
const html = (): Written => ({
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>Sign in</title>',
});
const json = (status: number, body: object): Written => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const fhir = (status: number, id: string, body: object): Written => ({
  status,
  headers: { 'content-type': 'application/fhir+json', 'x-request-id': id },
  body: JSON.stringify(body),
});

const ANSWERS: Record<
  FakeStyle,
  Record<'good' | 'duplicate' | 'html', (id: string, partner: string) => Written>
> = {
  webhook: {
    good: () => ({ status: 204 }),
    duplicate: (_id, partner) => json(409, { type: `urn:${partner}:duplicate` }),
    html,
  },
  http: {
    good: (id) => json(200, { deliveryid: id }),
    duplicate: () => json(409, { code: 'duplicate' }),
    html,
  },
  fhir: {
    good: (id) => fhir(200, id, { resourceType: 'Bundle', type: 'message' }),
    duplicate: (id) =>
      fhir(409, id, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'duplicate' }] }),
    html,
  },
};

async function readCopy(
  request: IncomingMessage,
  style: FakeStyle,
): Promise<Omit<Arrival, 'copy' | 'order'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const id = { webhook: headers['webhook-id'], http: body['deliveryid'], fhir: headers['x-request-id'] }[
    style
  ];
  return { deliveryid: typeof id === 'string' ? id : '', path: request.url ?? '', headers, body };
}
