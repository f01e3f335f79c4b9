import { createHash } from 'node:crypto';
import { exchangeHeaders } from '#fhir';
import type { Door, DoorAnswer } from './pickup.js';

/** What a partner shows the hub to get its token. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** A batch of many rows takes its time; nothing else does. */
const WITHIN_MS = 120_000;

/** A door through which one may look as well. */
export interface HttpDoor extends Door {
  get(path: string): Promise<DoorAnswer>;
}

/** The hub's doors over HTTP, as one partner by OAuth client credentials. A token is kept for half of its life. */
export function httpDoor(hubUrl: string, credentials: ClientCredentials): HttpDoor {
  let token: { value: string; until: number } | undefined;

  const bearer = async (): Promise<string> => {
    if (token && token.until > Date.now()) return token.value;
    token = await newToken(hubUrl, credentials);
    return token.value;
  };
  const once = async (path: string, init: RequestInit): Promise<DoorAnswer> => {
    const headers = {
      ...(init.headers as Record<string, string>),
      authorization: `Bearer ${await bearer()}`,
    };
    const response = await fetch(new URL(path, hubUrl), {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
  const call = async (path: string, init: RequestInit): Promise<DoorAnswer> => {
    const answer = await once(path, init);
    if (answer.status !== 401) return answer;
    // The hub's keys may be new since the token was made; nothing was taken under the old one.
    token = undefined;
    return once(path, init);
  };
  return {
    get: (path) => call(path, { method: 'GET' }),
    post: (path, contentType, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: {
          ...(path.startsWith('/fhir') && exchangeHeaders(fingerprintOf(credentials.clientId, body))),
          ...headers,
          'content-type': contentType,
        },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      }),
  };
}

/** A bundle that lay somewhere came without headers: the same bytes get the same ids each time they are handed in. */
function fingerprintOf(source: string, body: string | Buffer): { source: string; id: string } {
  return { source, id: createHash('sha256').update(body).digest('hex') };
}

async function newToken(
  hubUrl: string,
  { clientId, clientSecret }: ClientCredentials,
): Promise<{ value: string; until: number }> {
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  const response = await fetch(new URL('/oauth2/token', hubUrl), {
    method: 'POST',
    headers: { authorization: `Basic ${basic.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the hub answered ${response.status} to /oauth2/token`);
  const answer = (await response.json()) as { access_token: string; expires_in: number };
  return { value: answer.access_token, until: Date.now() + answer.expires_in * 500 };
}
