import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { CommandFailure, type Io } from './io.js';

/** As the hub tells it, on `/v1/events` and by its ops webhook. */
export interface Alert {
  alertId: string;
  at: string;
  severity: 'info' | 'warning' | 'urgent';
  kind: string;
  owner: string;
  text: string;
  partner?: string | null;
  messageId?: string | null;
  deliveryId?: string | null;
}

const LIMIT = 64 * 1024;

/** Receives the ops webhook on 127.0.0.1 and shows what is signed rightly. Until stopped. */
export async function listenForAlerts(io: Io, port: string, show: (alert: Alert) => void): Promise<void> {
  const secret = io.env.OPS_WEBHOOK_SECRET;
  if (!secret)
    throw new CommandFailure('OPS_WEBHOOK_SECRET is not set.', 'Give it the same value as the hub has.');
  const webhook = new Webhook(secret);
  const server = createServer((request, response) => {
    receive(request, response, webhook, show).catch(() => response.writeHead(400).end());
  });
  await new Promise<void>((done, failed) =>
    server.once('error', failed).listen(Number(port), '127.0.0.1', done),
  );
  io.err(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
  await new Promise<void>((done) => io.stop.addEventListener('abort', () => done(), { once: true }));
  await new Promise<void>((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  webhook: Webhook,
  show: (alert: Alert) => void,
): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > LIMIT) throw new Error('too large');
  }
  const { data } = webhook.verify(body, request.headers as Record<string, string>) as { data: Alert };
  show(data);
  response.writeHead(204).end();
}
