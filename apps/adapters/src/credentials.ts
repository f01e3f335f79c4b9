import { readFileSync } from 'node:fs';
import type { SftpAccess } from '#channels/sftp.js';
import type { ClientCredentials } from './http-door.js';

/** What we show one partner so that it knows us. Only what its adapter uses need be there. */
export interface PartnerCredentials {
  /** Signing secrets of a webhook: one, or two while they rotate. */
  webhookSecrets: string[];
  /** Sent as a bearer token. */
  apiKey: string | undefined;
  /** Its own credentials at the hub: what a pickup hands in, it hands in as the partner. */
  client?: ClientCredentials;
  /** For its SFTP server. */
  sftp?: SftpAccess;
  /** Our mailbox at MESH, and the partner's. */
  mesh?: MeshCredentials;
}

export interface MeshCredentials {
  mailbox: string;
  /** The partner's mailbox: where we send, and the only one whose messages are the partner's. */
  peer: string;
  password: string;
  sharedKey: string;
  /** PEM; real environments ask for a client certificate. */
  tls?: { cert: string; key: string; ca?: string };
}

/** Credentials by partner id. */
export type Credentials = (partner: string) => PartnerCredentials;

interface Entry {
  webhookSecret?: unknown;
  apiKey?: unknown;
  clientId?: unknown;
  clientSecret?: unknown;
  sftp?: Partial<Record<'user' | 'password' | 'privateKey' | 'hostKey', unknown>>;
  mesh?: Partial<
    Record<'mailbox' | 'peerMailbox' | 'password' | 'sharedKey' | 'cert' | 'key' | 'ca', unknown>
  >;
}

/**
 * Reads outbound credentials from a JSON file `{ "<partner>": { webhookSecret?, apiKey?, clientId?, clientSecret?, sftp?, mesh? } }`;
 * the environment's `PARTNER_<ID>_WEBHOOK_SECRET`, `_API_KEY`, `_CLIENT_ID` and `_CLIENT_SECRET` win. Two webhook secrets stand in one value with a space
 * between, the newer first. A file that is not there is an empty one.
 * @throws Error when the file cannot be read or is not such an object; it names the file and never its content
 */
export function loadCredentials(file: string, env: NodeJS.ProcessEnv = process.env): Credentials {
  const entries = readEntries(file);
  return (partner) => {
    const name = `PARTNER_${partner.toUpperCase().replaceAll('-', '_')}`;
    const secrets = env[`${name}_WEBHOOK_SECRET`] || textOf(entries[partner]?.webhookSecret);
    const sftp = sftpOf(entries[partner]?.sftp);
    const mesh = meshOf(entries[partner]?.mesh);
    const clientId = env[`${name}_CLIENT_ID`] || textOf(entries[partner]?.clientId);
    const clientSecret = env[`${name}_CLIENT_SECRET`] || textOf(entries[partner]?.clientSecret);
    return {
      webhookSecrets: secrets?.split(/\s+/).filter(Boolean) ?? [],
      apiKey: env[`${name}_API_KEY`] || textOf(entries[partner]?.apiKey),
      ...(clientId && clientSecret && !isDigest(clientSecret) && { client: { clientId, clientSecret } }),
      ...(sftp && { sftp }),
      ...(mesh && { mesh }),
    };
  };
}

function readEntries(file: string): Record<string, Entry | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} cannot be read: give this process the right to read it.`, { cause: error });
  }
  try {
    const entries: unknown = JSON.parse(text);
    if (typeof entries === 'object' && entries !== null && !Array.isArray(entries))
      return entries as Record<string, Entry>;
  } catch {
    // A JSON error quotes the text around it, and that may be a secret.
  }
  throw new Error(`${file} is not a JSON object of partners and their credentials.`);
}

/** Undefined unless we can both log in and tell the server from another. */
function sftpOf(entry: Entry['sftp']): SftpAccess | undefined {
  const user = textOf(entry?.user);
  const password = textOf(entry?.password);
  const privateKey = textOf(entry?.privateKey);
  const hostKeys = textOf(entry?.hostKey)?.split(/\s+/).filter(Boolean) ?? [];
  if (user === undefined || (password ?? privateKey) === undefined || hostKeys.length === 0) return undefined;
  return { user, hostKeys, ...(password && { password }), ...(privateKey && { privateKey }) };
}

/** Undefined unless there is all that opens our mailbox, and the partner's to know it by. */
function meshOf(entry: Entry['mesh']): MeshCredentials | undefined {
  const mailbox = textOf(entry?.mailbox);
  const peer = textOf(entry?.peerMailbox);
  const password = textOf(entry?.password);
  const sharedKey = textOf(entry?.sharedKey);
  if (!mailbox || !peer || !password || !sharedKey) return undefined;
  const [cert, key, ca] = [textOf(entry?.cert), textOf(entry?.key), textOf(entry?.ca)];
  return {
    mailbox,
    peer,
    password,
    sharedKey,
    ...(cert && key && { tls: { cert, key, ...(ca && { ca }) } }),
  };
}

/** The hub itself may keep but a digest of a secret; nobody can sign in with that. */
const isDigest = (secret: string): boolean => /^sha256:[0-9a-f]{64}$/.test(secret);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
