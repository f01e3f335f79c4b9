import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What came back. */
export interface Answer {
  status: number;
  body: string;
}

const HEAD_END = '\r\n\r\n';

/**
 * One keep-alive connection that sends prepared bytes and reads answers with a content-length. A general client costs
 * more CPU than a hub's whole accept, and the load shares two cores with what it measures.
 */
export class Connection {
  private read = '';
  private waiting: ((answer: Answer) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', (error) => this.failed?.(error));
    socket.on('close', () => this.failed?.(new Error('The connection was closed.')));
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
    return new Connection(socket);
  }

  /** Sends one request and resolves with its answer. One at a time. */
  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = resolve;
      this.failed = reject;
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.read += chunk;
    const head = this.read.indexOf(HEAD_END);
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.read.slice(0, head))?.[1] ?? 0);
    const end = head + HEAD_END.length + length;
    if (this.read.length < end) return;
    const answer = { status: Number(this.read.slice(9, 12)), body: this.read.slice(end - length, end) };
    this.read = this.read.slice(end);
    this.waiting?.(answer);
  }
}

/** A POST as the bytes that leave; headers and body must be Latin-1. */
export function postBytes(url: string, headers: Record<string, string>, body: string): string {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) });
  return `POST ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}${HEAD_END}${body}`;
}

export interface LoadResult {
  answered: number;
  seconds: number;
  /** By status. */
  others: Map<number, number>;
}

/** A closed loop: each connection sends the next request when it has its answer, for `seconds`. */
export async function closedLoop(
  url: string,
  load: { connections: number; seconds: number; next: () => string; onAnswer?: (answer: Answer) => void },
): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => Connection.open(url)));
  const result: LoadResult = { answered: 0, seconds: 0, others: new Map() };
  const begun = performance.now();
  const until = begun + load.seconds * 1000;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < until) {
        const answer = await connection.send(load.next());
        if (answer.status === 202) result.answered += 1;
        else result.others.set(answer.status, (result.others.get(answer.status) ?? 0) + 1);
        load.onAnswer?.(answer);
      }
    }),
  );
  result.seconds = (performance.now() - begun) / 1000;
  for (const connection of connections) connection.close();
  return result;
}

/** An open loop: `perSecond` requests a second whatever the answers do, over as many connections as that needs. */
export async function openLoop(
  url: string,
  load: { perSecond: number; seconds: number; send: (connection: Connection) => Promise<void> },
): Promise<void> {
  const idle: Connection[] = [];
  const running = new Set<Promise<void>>();
  const begun = performance.now();
  const total = Math.round(load.perSecond * load.seconds);
  const one = async (): Promise<void> => {
    const connection = idle.pop() ?? (await Connection.open(url));
    await load.send(connection);
    idle.push(connection);
  };
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * load.perSecond) + 1);
    for (; sent < due; sent += 1) {
      const run: Promise<void> = one().finally(() => running.delete(run));
      running.add(run);
    }
    await sleep(1);
  }
  await Promise.all(running);
  for (const connection of idle) connection.close();
}
