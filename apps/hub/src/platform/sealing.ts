import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepFile } from './keep-file.js';

/**
 * The hub's own keys, from a JWK Set (`HUB_KEYS`). All keys are key objects: with bare bytes every call would make one
 * anew, which costs several times what sealing a message does.
 */
export interface HubKeys {
  /** Keys that wrap data keys, by `kid`, the newest last. */
  wrapping: Map<string, KeyObject>;
  /** The `kid` of the newest. */
  newest: string;
  /** For HMACs that must stay comparable for the life of the record (R2): this one key is never rotated. */
  hmacKey: KeyObject;
}

/** A data key: `plain` seals the bodies of one month, `wrapped` is what the ledger keeps. */
export interface DataKey {
  kid: string;
  wrapped: Buffer;
  plain: KeyObject;
}

const WRAPPING_ALG = 'A256GCMKW';
const HMAC_ALG = 'HS256';
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface OctKey {
  kty?: unknown;
  kid?: unknown;
  alg?: unknown;
  k?: unknown;
}

/** Loads `HUB_KEYS` (a JWK Set or its path) or, where it is not set, `<dataDir>/hub-keys.json`, made at first use. */
export async function loadHubKeys(settings: { keys?: string; dataDir: string }): Promise<HubKeys> {
  const { keys } = settings;
  if (keys?.startsWith('{')) return parseHubKeys(keys);
  if (keys) {
    const text = await readFile(keys, 'utf8').catch(() => {
      throw new Error('HUB_KEYS is neither a JWK Set nor the path of a file that can be read.');
    });
    return parseHubKeys(text);
  }
  return parseHubKeys(await keepFile(join(settings.dataDir, 'hub-keys.json'), newHubKeys));
}

/** A new JWK Set with one wrapping key and the HMAC key. To rotate: append another wrapping key, and restart. */
export function newHubKeys(): string {
  const oct = (kid: string, alg: string) => ({
    kty: 'oct',
    kid,
    alg,
    k: randomBytes(32).toString('base64url'),
  });
  const kid = `seal-${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`;
  return `${JSON.stringify({ keys: [oct('hmac', HMAC_ALG), oct(kid, WRAPPING_ALG)] }, null, 2)}\n`;
}

/** Throws a sentence that says what is wrong, without any part of a key. */
export function parseHubKeys(text: string): HubKeys {
  const set = parseSet(text);
  const wrapping = new Map<string, KeyObject>();
  const hmacKeys: KeyObject[] = [];
  for (const [index, key] of set.entries()) {
    const bytes = typeof key.k === 'string' ? Buffer.from(key.k, 'base64url') : Buffer.alloc(0);
    const right = key.kty === 'oct' && typeof key.kid === 'string' && bytes.length === 32;
    if (!right)
      throw new Error(`key ${index + 1} must have kty "oct", a kid, and 32 bytes of k in base64url.`);
    if (key.alg === HMAC_ALG) hmacKeys.push(createSecretKey(bytes));
    else if (key.alg === WRAPPING_ALG) wrapping.set(key.kid as string, createSecretKey(bytes));
    else
      throw new Error(
        `key ${index + 1} must have alg ${WRAPPING_ALG} (to seal) or ${HMAC_ALG} (to compare).`,
      );
  }
  const newest = [...wrapping.keys()].at(-1);
  const [hmacKey, second] = hmacKeys;
  if (!newest)
    throw new Error(`the set needs at least one key with alg ${WRAPPING_ALG}; the last one seals.`);
  if (!hmacKey || second)
    throw new Error(`the set needs exactly one key with alg ${HMAC_ALG}, which never changes.`);
  return { wrapping, newest, hmacKey };
}

function parseSet(text: string): OctKey[] {
  let set: { keys?: unknown };
  try {
    set = JSON.parse(text) as { keys?: unknown };
  } catch {
    throw new Error('it is not JSON; it must be a JWK Set, {"keys": [...]}.');
  }
  if (!Array.isArray(set.keys)) throw new Error('it must be a JWK Set, {"keys": [...]}.');
  return set.keys as OctKey[];
}

/** A new random data key, wrapped by the newest key of the hub. */
export function newDataKey(keys: HubKeys): DataKey {
  const plain = randomBytes(32);
  const wrapped = seal(wrappingKey(keys, keys.newest), plain);
  return { kid: keys.newest, wrapped, plain: createSecretKey(plain) };
}

/** Throws when the hub no longer has the key `kid`, or when `wrapped` was changed. */
export function unwrapDataKey(keys: HubKeys, kid: string, wrapped: Uint8Array): KeyObject {
  return createSecretKey(open(wrappingKey(keys, kid), wrapped));
}

function wrappingKey(keys: HubKeys, kid: string): KeyObject {
  const key = keys.wrapping.get(kid);
  if (!key) throw new Error(`HUB_KEYS has no key ${kid} any more; put it back to open what it sealed.`);
  return key;
}

/** AES-256-GCM with a random IV; the answer is IV (12 bytes), tag (16 bytes), ciphertext. */
export function seal(plainKey: KeyObject, bytes: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', plainKey, iv, { authTagLength: TAG_BYTES });
  const body = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Throws when the key is another one or a byte was changed. */
export function open(plainKey: KeyObject, sealed: Uint8Array): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('What was sealed is cut short.');
  const iv = sealed.subarray(0, IV_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', plainKey, iv, { authTagLength: TAG_BYTES });
  cipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const bytes = cipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
  cipher.final();
  return bytes;
}

/** HMAC-SHA-256 with the key that never changes: for message keys (R2) and keys on topics (R9). 32 bytes. */
export function hmac(keys: HubKeys, bytes: string | Uint8Array): Buffer {
  return createHmac('sha256', keys.hmacKey).update(bytes).digest();
}
