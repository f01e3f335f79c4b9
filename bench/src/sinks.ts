import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

const HEAD_END = '\r\n\r\n';
const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n';

/** One copy that a partner received. Times are `performance.now()` of this process. */
export interface Arrival {
  messageId: string;
  at: number;
}

/** A no-op partner over real HTTP: answers each POST at once, as the adapter of its kind expects. */
export interface Sink {
  url: string;
  received: number;
  close(): void;
}

export async function openSink(onArrival?: (arrival: Arrival) => void): Promise<Sink> {
  const sink = { received: 0 };
  const { url, close } = await listen((socket) => {
    let read = '';
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (chunk: string) => {
      read += chunk;
      for (let taken = takeRequest(read); taken; taken = takeRequest(read)) {
        read = taken.rest;
        sink.received += 1;
        socket.write(answerTo(taken));
        onArrival?.({ messageId: textAt(taken.body, '"id":"'), at: performance.now() });
      }
    });
  });
  return Object.defineProperty(Object.assign({ url, close }), 'received', {
    get: () => sink.received,
  });
}

/** A partner that takes every connection and never answers. */
export async function openBlackHole(): Promise<{ url: string; close(): void }> {
  return listen((socket) => socket.resume());
}

interface Taken {
  path: string;
  body: string;
  rest: string;
}

function takeRequest(read: string): Taken | undefined {
  const head = read.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(read.slice(0, head))?.[1] ?? 0);
  const from = head + HEAD_END.length;
  if (read.length < from + length) return undefined;
  return {
    path: read.slice(5, read.indexOf(' ', 5)),
    body: read.slice(from, from + length),
    rest: read.slice(from + length),
  };
}

/** Salus's kind echoes the deliveryid, North Kent Mind's answers a bare 204. */
function answerTo({ path, body }: Taken): string {
  if (!path.endsWith('/messages')) return NO_CONTENT;
  const answer = `{"deliveryid":"${textAt(body, '"deliveryid":"')}"}`;
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`;
}

function textAt(body: string, before: string): string {
  const from = body.indexOf(before) + before.length;
  return body.slice(from, body.indexOf('"', from));
}

async function listen(onSocket: (socket: Socket) => void): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
