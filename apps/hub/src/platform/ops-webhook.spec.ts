import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createLogger } from './log.js';
import { alertSender, type Alert } from './ops-webhook.js';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const ALERT: Alert = {
  alertId: 'alert-1',
  at: '2026-11-22T10:00:00.000Z',
  severity: 'urgent',
  kind: 'urgent-undelivered',
  owner: 'clinical-lead',
  text: 'An urgent message has not reached nelft for 5 minutes.',
  partner: 'nelft',
  messageId: null,
  deliveryId: null,
};
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function setup(status: number) {
  const received: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () => new Promise<void>((done) => server.close(() => done()).closeAllConnections());
  closers.push(close);
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { received, lines, logger, close, send: alertSender({ url, secret: SECRET }, logger) };
}

describe('telling a person', () => {
  it('posts the alert with a signature that the secret proves', async () => {
    const { received, send } = await setup(204);
    expect(await send(ALERT)).toBe(true);
    const [{ headers, body }] = received as [{ headers: Record<string, string>; body: string }];
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'hub.alert', data: ALERT });
    expect(headers['webhook-id']).toBe('alert-1');
  });

  it.each([500, 302])('is not done when the receiver answers %s', async (status) => {
    const { send, lines } = await setup(status);
    expect(await send(ALERT)).toBe(false);
    expect(lines.at(-1)).toContain('did not take the alert');
  });

  it('is not done when nobody listens', async () => {
    const { send, close } = await setup(200);
    await close();
    expect(await send(ALERT)).toBe(false);
  });

  it('shows every alert at the console, also without a webhook', async () => {
    const { lines, logger } = await setup(200);
    expect(await alertSender(undefined, logger)(ALERT)).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      msg: 'alert',
      kind: 'urgent-undelivered',
    });
  });
});
