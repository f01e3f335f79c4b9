import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import type { Outcome } from '#contracts';
import { makeCertificate, type TestCertificate } from '../../../tests/support/certificate.js';
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

const trusting = ({ cert }: TestCertificate): Agent => new Agent({ connect: { ca: cert } });

async function postTo(certificate: TestCertificate, connections: Agent): Promise<Outcome> {
  const server = createServer(certificate, (request, response) =>
    request.resume().on('end', () => response.end('ok')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  try {
    const proof = { taken: () => 'ok', duplicate: () => false };
    return await postOnce(connections, { url, headers: {}, body: '{}' }, proof, AbortSignal.timeout(5000));
  } finally {
    await connections.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
