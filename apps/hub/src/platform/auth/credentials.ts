import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { keepFile, replaceFile } from '../keep-file.js';
import { newHostKey } from './demo-host-key.js';

/** What one party proves itself with, to us and we to it. */
export interface Credential {
  /** Its OAuth 2.0 client id. */
  clientId: string;
  /** The secret itself, or `sha256:` and the hex digest of it. */
  clientSecret: string;
  /** The second secret of a rotation; both are valid at once. */
  nextClientSecret?: string;
  /** Signs what we send to the partner's webhook, `whsec_…`. */
  webhookSecret?: string;
  /** Shown to the partner's HTTP endpoint. */
  apiKey?: string;
  /** For the partner's SFTP server, and the fingerprint of its host key; `serverKey` is the demo server's own half. */
  sftp?: { user: string; password?: string; privateKey?: string; hostKey: string; serverKey?: string };
  /** Our mailbox at MESH and the partner's, with what opens ours; in the demo one password opens both. */
  mesh?: { mailbox: string; peerMailbox: string; password: string; sharedKey: string };
  /** Marks a person's or a tool's credential: the staff roles that its tokens carry. */
  roles?: string[];
}

/** `credentials.json`: by partner id, and `ops` for the command line. */
export type Credentials = Record<string, Credential>;

/**
 * Makes the demo's credentials file, or adds the partners, and the parts of an entry, that it lacks: a channel may have
 * come since it was made. Nobody but its owner may read it.
 */
export async function ensureDemoCredentials(
  path: string,
  partnerIds: readonly string[],
): Promise<Credentials> {
  const there = JSON.parse(await keepFile(path, () => '{}')) as Credentials;
  const whole = (id: string): boolean =>
    id === 'ops' ? id in there : DEMO_PARTS.every((part) => there[id]?.[part] !== undefined);
  const missing = [...partnerIds, 'ops'].filter((id) => !whole(id));
  if (missing.length === 0) return there;
  for (const id of missing)
    there[id] =
      id === 'ops' ? { ...newCredential(id), roles: ['ops'] } : { ...newCredential(id), ...there[id] };
  await replaceFile(path, `${JSON.stringify(there, null, 2)}\n`);
  return there;
}

/** What each partner's entry has in the demo, whatever its channel. */
const DEMO_PARTS = ['webhookSecret', 'apiKey', 'sftp', 'mesh'] as const;

function newCredential(clientId: string): Credential {
  return {
    clientId,
    clientSecret: randomBytes(24).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
    apiKey: randomBytes(24).toString('base64url'),
    sftp: { user: 'hub', password: randomBytes(24).toString('base64url'), ...newHostKey() },
    mesh: {
      mailbox: 'MTAHUB',
      peerMailbox: clientId.toUpperCase(),
      password: randomBytes(24).toString('base64url'),
      sharedKey: randomBytes(24).toString('base64url'),
    },
  };
}

/** A client as the token endpoint knows it. */
export interface Client {
  /** The key in the file: a partner's id, unless `roles` say that it is staff. */
  id: string;
  clientId: string;
  roles?: string[];
}

/** The credentials file, read again when it changes, so that a rotation needs no restart. */
export class CredentialStore {
  private clients = new Map<string, Client & { secrets: Buffer[] }>();
  private readAt = -1;

  /** `path` need not exist: then nobody can get a token here. */
  constructor(private readonly path: string) {}

  find(clientId: string): Client | undefined {
    return this.current().get(clientId);
  }

  /** Compares digests, in a time that says nothing about the secret. */
  matches(clientId: string, secret: string): boolean {
    const digest = digestOf(secret);
    const secrets = this.current().get(clientId)?.secrets ?? [];
    return secrets.map((known) => timingSafeEqual(known, digest)).includes(true);
  }

  private current(): Map<string, Client & { secrets: Buffer[] }> {
    const changedAt = statSync(this.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt !== this.readAt) {
      this.clients = changedAt === 0 ? new Map() : readClients(this.path);
      this.readAt = changedAt;
    }
    return this.clients;
  }
}

function readClients(path: string): Map<string, Client & { secrets: Buffer[] }> {
  const credentials = JSON.parse(readFileSync(path, 'utf8')) as Credentials;
  return new Map(
    Object.entries(credentials).map(([id, { clientId, clientSecret, nextClientSecret, roles }]) => {
      const secrets = [clientSecret, nextClientSecret]
        .filter((secret) => secret !== undefined)
        .map(storedDigest);
      return [clientId, { id, clientId, roles, secrets }];
    }),
  );
}

function storedDigest(secret: string): Buffer {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(secret)?.[1];
  return hex ? Buffer.from(hex, 'hex') : digestOf(secret);
}

/** The secrets are random and long, so that a plain digest cannot be guessed back. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
