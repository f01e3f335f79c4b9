import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Agent } from 'undici';
import type { Outcome } from '#contracts';
import { makeCertificate, type TestCertificate } from '../../../tests/support/certificate.js';
import { processMessageOnce, type FhirMessage } from './fhir.js';
import { openConnections, postOnce } from './http.js';

const day = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const sound = makeCertificate('localhost', day(-1), day(1));
const expired = makeCertificate('localhost', day(-2), day(-1));
const early = makeCertificate('localhost', day(1), day(2));
const another = makeCertificate('another.example', day(-1), day(1));

describe('a partner’s certificate', () => {
  it('is good when it is trusted, in its time and of its name', async () => {
    expect(await postTo(sound, trusting(sound))).toMatchObject({ class: 'delivered' });
  });

  it.each([
    ['expired', expired, 'CERT_HAS_EXPIRED'],
    ['not yet valid', early, 'CERT_NOT_YET_VALID'],
    ['of another name', another, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('is refused when %s, and nothing has left', async (_name, certificate, note) => {
    expect(await postTo(certificate, trusting(certificate))).toMatchObject({
      class: 'refused-auth',
      arrived: 'no',
      code: 'unauthorised',
      evidence: { note },
    });
  });

  it('is verified unless somebody says otherwise', async () => {
    expect(await postTo(sound, openConnections({ idempotent: true }))).toMatchObject({
      class: 'refused-auth',
      arrived: 'no',
    });
  });
});

describe.each([
  [
    'plain',
    (url: string, on: Agent, signal: AbortSignal) =>
      postOnce(on, { url, headers: {}, body: '{}' }, proof, signal),
  ],
  ['FHIR', (url: string, on: Agent, signal: AbortSignal) => processMessageOnce(on, url, aMessage, signal)],
])('a %s request whose time is up before its connection stands', (_name, send) => {
  it('never leaves, not even when the connection stands later', async () => {
    let requests = 0;
    const server = createServer(sound, (_request, response) => {
      requests += 1;
      response.end('ok');
    });
    // Takes connections, but keeps their handshakes until told.
    const sockets: Socket[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const front = createTcpServer((socket) => {
      sockets.push(socket);
      void released.then(() => server.emit('connection', socket));
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${(front.address() as AddressInfo).port}/`;
    const connections = trusting(sound);
    try {
      const outcome = await send(url, connections, AbortSignal.timeout(50));
      expect(outcome).toMatchObject({ arrived: 'no', code: 'connection-refused' });
      const gone = Promise.race([once(sockets[0] as Socket, 'close'), once(server, 'request')]);
      release();
      await gone;
      expect(requests).toBe(0);
    } finally {
      await connections.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
    }
  });
});

const proof = { taken: () => 'ok', duplicate: () => false };
const aMessage: FhirMessage = {
  bundle: { resourceType: 'Bundle', type: 'message' },
  requestId: 'r',
  correlationId: 'c',
};

const trusting = ({ cert }: TestCertificate): Agent => new Agent({ connect: { ca: cert } });

async function postTo(certificate: TestCertificate, connections: Agent): Promise<Outcome> {
  const server = createServer(certificate, (request, response) =>
    request.resume().on('end', () => response.end('ok')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  try {
    return await postOnce(connections, { url, headers: {}, body: '{}' }, proof, AbortSignal.timeout(5000));
  } finally {
    await connections.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
