import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and its self-signed certificate, PEM. Trust it as a CA to have it accepted. */
export interface TestCertificate {
  key: string;
  cert: string;
}

/** Makes a certificate for one DNS name, valid between two moments. Written by hand, so that no tool need be installed. */
export function makeCertificate(name: string, from: Date, until: Date): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const who = sequence(der(SET, sequence(COMMON_NAME, der(UTF8, Buffer.from(name)))));
  const names = sequence(der(DNS_NAME, Buffer.from(name)));
  const tbs = sequence(
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    sequence(ECDSA_SHA256),
    who,
    sequence(utcTime(from), utcTime(until)),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXPLICIT_3, sequence(sequence(SUBJECT_ALT_NAME, der(OCTETS, names)))),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', tbs, privateKey)]);
  const certificate = sequence(tbs, sequence(ECDSA_SHA256), der(BITS, signature));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n').trim();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

// ASN.1 tags and the object identifiers, already encoded.
const [INTEGER, BITS, OCTETS, UTF8, UTC_TIME, SEQUENCE, SET] = [0x02, 0x03, 0x04, 0x0c, 0x17, 0x30, 0x31];
const [DNS_NAME, EXPLICIT_0, EXPLICIT_3] = [0x82, 0xa0, 0xa3];
const ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const sequence = (...parts: Buffer[]): Buffer => der(SEQUENCE, Buffer.concat(parts));
const utcTime = (at: Date): Buffer =>
  der(UTC_TIME, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
