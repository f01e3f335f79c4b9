import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWK, type JWTVerifyGetKey } from 'jose';
import type { ProblemException } from '../problem.js';
import { AUDIENCE, outsideKeys, Verifier } from './verifier.js';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function aSigner(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk: JWK & { kty: string } = {
    ...((await exportJWK(publicKey)) as JWK & { kty: string }),
    kid,
    alg: 'ES256',
  };
  const sign = (claims: Record<string, unknown>, { aud = AUDIENCE, iss = 'embedded', exp = '10m' } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid })
      .setAudience(aud)
      .setIssuer(iss)
      .setIssuedAt()
      .setExpirationTime(exp)
      .sign(privateKey);
  return { jwk, sign };
}

async function setup(outside: [string, JWTVerifyGetKey][] = []) {
  const { jwk, sign } = await aSigner('embedded');
  const clock = { ms: Date.now() };
  const calls = { keys: 0 };
  const local = createLocalJWKSet({ keys: [jwk] });
  const counted: JWTVerifyGetKey = (header, token) => {
    calls.keys++;
    return local(header, token);
  };
  const refused: string[] = [];
  const verifier = new Verifier(
    counted,
    new Map(outside),
    (code) => refused.push(code),
    () => clock.ms,
  );
  const verify = async (token: string) => verifier.verify(`Bearer ${await Promise.resolve(token)}`);
  const codeOf = (token: string) =>
    verify(token).then(
      () => 'accepted',
      (error: unknown) => (error as ProblemException).code,
    );
  return { sign, verify, codeOf, clock, calls, refused };
}

/** An outside issuer with discovery and keys, on this machine. */
async function anIssuer(jwk: JWK): Promise<string> {
  const server = createServer((request, response) => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isDiscovery ? { issuer: at, jwks_uri: `${at}/keys` } : { keys: [jwk] }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a token', () => {
  it('makes a partner or staff of its bearer', async () => {
    const { sign, verify } = await setup();
    expect(await verify(await sign({ partner: 'salus' }))).toEqual({ kind: 'partner', partner: 'salus' });
    const staff = await verify(await sign({ roles: ['ops'], sub: 'someone' }));
    expect(staff).toEqual({ kind: 'staff', subject: 'someone', roles: ['ops'] });
  });

  it('is judged once, and known until it expires', async () => {
    const { sign, verify, codeOf, clock, calls } = await setup();
    const token = await sign({ partner: 'salus' });
    for (let time = 0; time < 50; time++) await verify(token);
    expect(calls.keys).toBe(1);
    clock.ms += 11 * 60_000;
    expect(await codeOf(token)).toBe('identity/bad-token');
  });

  it('is refused for another audience, when expired, without expiry, or by an unknown key', async () => {
    const { sign, codeOf, refused } = await setup();
    const stranger = await aSigner('embedded');
    expect(await codeOf(await sign({ partner: 'salus' }, { aud: 'urn:other' }))).toBe('identity/bad-token');
    expect(await codeOf(await sign({ partner: 'salus' }, { exp: '-10m' }))).toBe('identity/bad-token');
    expect(await codeOf(await stranger.sign({ partner: 'salus' }))).toBe('identity/bad-token');
    expect(await codeOf(await sign({}))).toBe('identity/not-allowed');
    expect(refused).toHaveLength(4);
  });

  it('of an outside issuer is good by that issuer’s keys, and only by them', async () => {
    const { jwk, sign } = await aSigner('outside');
    const iss = await anIssuer(jwk);
    const { codeOf, sign: signEmbedded } = await setup([[iss, outsideKeys(iss)]]);
    expect(await codeOf(await sign({ roles: ['ops'] }, { iss }))).toBe('accepted');
    expect(await codeOf(await sign({ roles: ['ops'] }, { iss: 'https://elsewhere.example' }))).toBe(
      'identity/bad-token',
    );
    expect(await codeOf(await signEmbedded({ roles: ['ops'] }, { iss }))).toBe('identity/bad-token');
  });

  it('of an outside issuer that does not answer is no fault of its bearer', async () => {
    const { jwk, sign } = await aSigner('outside');
    const iss = await anIssuer(jwk);
    closers.splice(0).forEach((close) => close());
    const { codeOf } = await setup([[iss, outsideKeys(iss)]]);
    expect(await codeOf(await sign({ roles: ['ops'] }, { iss }))).toBe('infrastructure/unavailable');
  });
});
