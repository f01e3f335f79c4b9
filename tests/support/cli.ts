import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { run } from '../../apps/cli/src/program.js';

export interface Seen {
  method: string;
  path: string;
  party?: string;
  type?: string;
  body: unknown;
}
export type Answer = [status: number, body: unknown] | ((response: ServerResponse) => void);

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A hub that answers `POST /oauth2/token` and, by method and path, what the test says. */
export async function setup(answers: Record<string, Answer> = {}, env: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, seen, answers);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const home = mkdtempSync(join(tmpdir(), 'hub-cli-'));
  closers.push(
    () => server.close().closeAllConnections(),
    () => rmSync(home, { recursive: true, force: true }),
  );
  const credentials = ['salus', 'ylf', 'ops'].map((id) => [
    id,
    { clientId: id, clientSecret: `secret of ${id}` },
  ]);
  writeFileSync(join(home, 'credentials.json'), JSON.stringify(Object.fromEntries(credentials)), {
    mode: 0o600,
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = new AbortController();
  const said = { out: '', err: '' };
  const io = {
    env: { HUB_URL: url, HUB_DATA: home, ...env },
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    stop: stop.signal,
  };
  const write = (name: string, value: unknown) => {
    writeFileSync(join(home, name), JSON.stringify(value));
    return join(home, name);
  };
  return { hub: (...argv: string[]) => run(argv, io), seen, said, stop, home, write };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen[],
  answers: Record<string, Answer>,
): Promise<void> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  if (request.url === '/oauth2/token') {
    const [id = '', secret] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':');
    const good = secret === encodeURIComponent(`secret of ${id}`);
    response.writeHead(good ? 200 : 401).end(JSON.stringify(good ? { access_token: `token-of-${id}` } : {}));
    return;
  }
  const party = /^Bearer token-of-(.*)$/.exec(request.headers.authorization ?? '')?.[1];
  const type = request.headers['content-type'];
  const body: unknown =
    text && type?.includes('json') && type !== 'application/x-ndjson' ? JSON.parse(text) : text || undefined;
  seen.push({ method: request.method ?? '', path: request.url ?? '', party, type, body });
  const planned = answers[`${request.method} ${request.url}`] ?? [
    404,
    { title: 'No such thing.', code: 'x/not-found' },
  ];
  if (typeof planned === 'function') planned(response);
  else response.writeHead(planned[0], { 'content-type': 'application/json' }).end(JSON.stringify(planned[1]));
}
