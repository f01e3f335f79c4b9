import { createHash, generateKeyPairSync } from 'node:crypto';

/** A host key for a demo partner's SFTP server: the private half for the server, the fingerprint for us. */
export function newHostKey(): { serverKey: string; hostKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  // The public key as SSH writes it (RFC 5656, 3.1).
  const blob = Buffer.concat(
    [Buffer.from('ecdsa-sha2-nistp256'), Buffer.from('nistp256'), point].flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    serverKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    hostKey: `SHA256:${digest}`,
  };
}
