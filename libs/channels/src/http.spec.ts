import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import type { Agent } from 'undici';
import type { Outcome } from '#contracts';
import { retryAfter } from './judge.js';
import { jsonOf, openConnections, postOnce, type Proof } from './http.js';

const proof: Proof = {
  taken: ({ body }) => (jsonOf(body)?.['deliveryid'] === 'd-1' ? 'd-1' : undefined),
  duplicate: ({ body }) => jsonOf(body)?.['code'] === 'duplicate',
};
const echo = JSON.stringify({ deliveryid: 'd-1' });

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests = 0;
let server: Server;
let url: string;
let connections: Agent;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    request.resume().on('end', () => answer(request, response));
  });
  url = await listen(server);
  connections = openConnections({ idempotent: true });
});
beforeEach(() => {
  requests = 0;
});
afterAll(async () => {
  await connections.destroy();
  server.closeAllConnections();
  await closed(server);
});

describe('what an answer means', () => {
  it.each<[string, number, string, Record<string, string>, Partial<Outcome>]>([
    ['200 with the evidence', 200, echo, {}, { class: 'delivered', arrived: 'yes', code: 'acknowledged' }],
    ['202 with the evidence', 202, echo, {}, { class: 'delivered', arrived: 'yes', code: 'acknowledged' }],
    [
      '200 with a page',
      200,
      '<html></html>',
      {},
      { class: 'refused-transient', arrived: 'maybe', code: 'no-evidence' },
    ],
    ['200 with another id', 200, '{"deliveryid":"d-2"}', {}, { arrived: 'maybe', code: 'no-evidence' }],
    [
      '200 that claims to be packed',
      200,
      echo,
      { 'content-encoding': 'gzip' },
      { arrived: 'maybe', code: 'no-evidence' },
    ],
    ['204 without the evidence', 204, '', {}, { arrived: 'maybe', code: 'no-evidence' }],
    [
      '302',
      302,
      '',
      { location: '/elsewhere' },
      { class: 'refused-transient', arrived: 'maybe', code: 'redirected' },
    ],
    ['307', 307, '', { location: '/elsewhere' }, { arrived: 'maybe', code: 'redirected' }],
    ['400', 400, '', {}, { class: 'refused-permanent', arrived: 'no', code: 'refused' }],
    ['401', 401, '', {}, { class: 'refused-auth', arrived: 'no', code: 'unauthorised' }],
    ['403', 403, '', {}, { class: 'refused-auth', arrived: 'no', code: 'unauthorised' }],
    ['404', 404, '', {}, { class: 'refused-permanent', arrived: 'no' }],
    ['406', 406, '', {}, { class: 'refused-permanent', arrived: 'no' }],
    ['408', 408, '', {}, { class: 'refused-transient', arrived: 'maybe', code: 'timeout' }],
    ['409 bare', 409, '', {}, { class: 'refused-permanent', arrived: 'no', code: 'refused' }],
    [
      '409 with the marker',
      409,
      '{"code":"duplicate"}',
      {},
      { class: 'delivered', arrived: 'yes', code: 'duplicate' },
    ],
    ['413', 413, '', {}, { class: 'refused-permanent', arrived: 'no' }],
    ['415', 415, '', {}, { class: 'refused-permanent', arrived: 'no' }],
    ['418', 418, '', {}, { class: 'defect', arrived: 'maybe', code: 'unmapped' }],
    ['421, which is never sent again', 421, '', {}, { class: 'defect', arrived: 'maybe', code: 'unmapped' }],
    ['422', 422, '', {}, { class: 'refused-permanent', arrived: 'no' }],
    ['429 bare', 429, '', {}, { class: 'refused-transient', arrived: 'no', code: 'rate-limited' }],
    [
      '429 with a time',
      429,
      '',
      { 'retry-after': '7' },
      { arrived: 'no', code: 'rate-limited', retryAfterMs: 7000 },
    ],
    ['500', 500, '', {}, { class: 'refused-transient', arrived: 'maybe', code: 'server-error' }],
    ['502', 502, '', {}, { arrived: 'maybe', code: 'server-error' }],
    ['503 bare', 503, '', {}, { class: 'refused-transient', arrived: 'maybe', code: 'server-error' }],
    ['503 with nonsense', 503, '', { 'retry-after': 'soon' }, { arrived: 'maybe', code: 'server-error' }],
    [
      '503 with a time',
      503,
      '',
      { 'retry-after': '2' },
      { arrived: 'no', code: 'unavailable', retryAfterMs: 2000 },
    ],
    ['504', 504, '', {}, { arrived: 'maybe', code: 'server-error' }],
  ])('%s', async (_name, status, body, headers, expected) => {
    answer = (_request, response) => response.writeHead(status, headers).end(body);
    expect(await post()).toMatchObject(expected);
    expect(requests).toBe(1);
  });

  it('keeps the status and the echoed id as evidence, and nothing of the body', async () => {
    answer = (_request, response) => response.end(JSON.stringify({ deliveryid: 'd-1', child: 'a name' }));
    const outcome = await post();
    expect(outcome.evidence).toEqual({ status: 200, reference: 'd-1', tookMs: expect.any(Number) });
  });

  it('reads 64 KiB of an endless answer and goes by its status', async () => {
    const chunk = Buffer.alloc(16 * 1024, ' ');
    answer = (_request, response) => {
      response.writeHead(422);
      const more = (): boolean => !response.destroyed && response.write(chunk, more);
      more();
    };
    expect(await post()).toMatchObject({ class: 'refused-permanent', arrived: 'no' });
  });

  it('does not take evidence that is cut short for evidence', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"deliveryid":"d-1"', () => response.destroy());
    };
    expect(await post()).toMatchObject({ arrived: 'maybe', code: 'no-evidence' });
  });
});

describe('what a missing answer means', () => {
  it('arrived no: nobody listens', async () => {
    const gone = createServer();
    const there = await listen(gone);
    await closed(gone);
    expect(await post(there)).toMatchObject({
      class: 'refused-transient',
      arrived: 'no',
      code: 'connection-refused',
    });
  });

  it('arrived no: the name does not exist', async () => {
    expect(await post('http://partner.invalid/')).toMatchObject({
      arrived: 'no',
      code: 'connection-refused',
    });
  });

  it('arrived no: no TLS where TLS is asked for', async () => {
    await withTcp(
      (socket) => socket.end('this is no handshake\r\n'),
      async (there) => {
        expect(await post(there.replace('http:', 'https:'))).toMatchObject({
          class: 'refused-transient',
          arrived: 'no',
          code: 'connection-refused',
        });
      },
    );
  });

  it('arrived no: the time is up before the connection stands', async () => {
    await withTcp(
      () => undefined, // takes the TCP connection, never answers the TLS handshake
      async (there) => {
        const signal = AbortSignal.timeout(50);
        expect(await post(there.replace('http:', 'https:'), signal)).toMatchObject({
          arrived: 'no',
          code: 'connection-refused',
        });
      },
    );
  });

  it('arrived maybe: the connection breaks after the body', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    expect(await post()).toMatchObject({ class: 'refused-transient', arrived: 'maybe', code: 'reset' });
    expect(requests).toBe(1);
  });

  it('arrived maybe: the connection breaks in the middle of the body', async () => {
    await withTcp(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      async (there) => {
        const outcome = await post(there, undefined, 'x'.repeat(5_000_000));
        expect(outcome).toMatchObject({ class: 'refused-transient', arrived: 'maybe', code: 'reset' });
      },
    );
  });

  it('arrived maybe: no answer in time', async () => {
    answer = () => undefined;
    expect(await post(url, AbortSignal.timeout(50))).toMatchObject({
      class: 'refused-transient',
      arrived: 'maybe',
      code: 'timeout',
    });
  });

  it('arrived maybe, and a defect: the answer is not HTTP', async () => {
    await withTcp(
      (socket) => socket.once('data', () => socket.end('220 mail ready\r\n\r\n')),
      async (there) => {
        expect(await post(there)).toMatchObject({ class: 'defect', arrived: 'maybe', code: 'unmapped' });
      },
    );
  });

  it('throws what is our own fault', async () => {
    await expect(
      postOnce(connections, { url, headers: { 'x-bad': 'a\nb' }, body: '' }, proof, never()),
    ).rejects.toThrow('header');
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-04-01T12:00:00Z');
  it.each([
    ['0', 0],
    ['120', 120_000],
    ['Wed, 01 Apr 2026 12:00:30 GMT', 30_000],
    ['Wed, 01 Apr 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['2027', 2_027_000],
    ['tomorrow', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});

it('gives every attempt its own connection at a partner that cannot tell a repeat', async () => {
  const own = openConnections({ idempotent: false });
  const sockets = new Set<unknown>();
  answer = (request, response) => {
    sockets.add(request.socket);
    response.end(echo);
  };
  try {
    for (let n = 0; n < 3; n += 1) await postOnce(own, { url, headers: {}, body: '{}' }, proof, never());
    expect(sockets.size).toBe(3);
  } finally {
    await own.destroy();
  }
});

const never = (): AbortSignal => new AbortController().signal;

function post(to = url, signal = never(), body = '{}'): Promise<Outcome> {
  return postOnce(connections, { url: to, headers: {}, body }, proof, signal);
}

async function withTcp(
  onSocket: Parameters<typeof createTcpServer>[1] & object,
  run: (url: string) => Promise<void>,
): Promise<void> {
  const sockets: { destroy(): unknown }[] = [];
  const tcp = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    onSocket(socket);
  });
  try {
    await run(await listen(tcp));
  } finally {
    for (const socket of sockets) socket.destroy();
    await closed(tcp);
  }
}

async function listen(on: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => on.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}/`;
}
const closed = (on: TcpServer): Promise<void> => new Promise((resolve) => on.close(() => resolve()));
