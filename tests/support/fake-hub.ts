import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import { fromBundle } from '#fhir';

/** A hub of a few doors: gives tokens, keeps what is posted, lists what it took, and has an inbox. */
export interface FakeHub {
  url: string;
  tokens: number;
  posted: { path: string; body: unknown }[];
  inbox: DeliveredEnvelope[];
  acknowledged: string[];
  /** Statuses that the next posts get in place of 202. */
  failures: number[];
  close(): Promise<void>;
}

/** Takes the credentials `me` and `a secret`, and no others. */
export async function startFakeHub(): Promise<FakeHub> {
  const state: Omit<FakeHub, 'url' | 'close'> = {
    tokens: 0,
    posted: [],
    inbox: [],
    acknowledged: [],
    failures: [],
  };
  const server = createServer((request, response) => {
    textOf(request).then(
      (text) => {
        const { status, body } = answer(state, request, text);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, { url, close: () => closed(server) });
}

const closed = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};

function answer(
  state: Omit<FakeHub, 'url' | 'close'>,
  request: IncomingMessage,
  text: string,
): { status: number; body: unknown } {
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (path === '/oauth2/token') {
    state.tokens += 1;
    const basic = `Basic ${Buffer.from('me:a%20secret').toString('base64')}`;
    if (request.headers.authorization !== basic) return { status: 401, body: {} };
    return { status: 200, body: { access_token: 'a-token', expires_in: 600 } };
  }
  if (request.headers.authorization !== 'Bearer a-token') return { status: 401, body: {} };
  if (request.method === 'GET' && path === '/v1/messages') return { status: 200, body: listed(state) };
  if (path === '/v1/inbox')
    return { status: 200, body: { items: state.inbox.splice(0).map((message) => ({ message })) } };
  if (path === '/v1/pickups/turn') return { status: 200, body: { granted: true } };
  const acknowledged = /^\/v1\/inbox\/(.+)\/acknowledge$/.exec(path)?.[1];
  if (acknowledged === 'withdrawn') return { status: 409, body: {} };
  if (acknowledged) {
    state.acknowledged.push(acknowledged);
    return { status: 200, body: {} };
  }
  state.posted.push({ path, body: JSON.parse(text) as unknown });
  return { status: state.failures.shift() ?? 202, body: {} };
}

const listed = ({ posted }: Pick<FakeHub, 'posted'>): unknown => ({
  messages: posted.map(({ body }) => {
    const read = fromBundle(body);
    const { source, type, causationid } = 'envelope' in read ? read.envelope : (body as Envelope);
    return { source, type, causationId: causationid ?? null };
  }),
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
