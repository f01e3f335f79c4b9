import type { Envelope } from '#contracts';
import { eventually } from './eventually.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body where it is JSON; else undefined. */
  json: unknown;
}

/** What the hub says when it has a message. */
export interface Receipt {
  messageId: string;
  caseRef: string | null;
  acceptedAt: string;
  deliveries: { id: string; partner: string }[];
  links: Record<string, string>;
  telephone?: string;
}

/** A message as the hub shows it. */
export interface Followed {
  messageId: string;
  source: string;
  type: string;
  caseRef: string | null;
  causationId: string | null;
  deliveries: { deliveryId: string; partner: string; state: string; attempts: number; code: string | null }[];
  timeline: {
    at: string;
    station: string;
    deliveryId: string | null;
    partner: string | null;
    detail: Record<string, unknown> | null;
  }[];
}

/** A copy in an inbox. */
export interface InboxCopy {
  deliveryId: string;
  ackBy: string;
  message: Envelope<Record<string, unknown>> & { deliveryid: string };
}

/** One party of the hub over HTTP, with a token of its own. */
export interface Party {
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Posts a message and answers its Receipt; throws what the hub said where it took none. */
  send(message: Envelope): Promise<Receipt>;
  /** Posts text as it is. */
  submit(text: string, headers?: Record<string, string>): Promise<Answer>;
  follow(messageId: string): Promise<Followed>;
  inbox(): Promise<InboxCopy[]>;
  token(): Promise<string>;
}

export const CLOUD_EVENT = 'application/cloudevents+json';

export function partyAt(hubUrl: string, credentials: { clientId: string; clientSecret: string }): Party {
  let known: Promise<string> | undefined;
  const token = (): Promise<string> => (known ??= newToken(hubUrl, credentials));
  const request: Party['request'] = async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(new URL(path, hubUrl), {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    });
    return answerOf(response);
  };
  const good = async <T>(answer: Promise<Answer>): Promise<T> => {
    const { status, json, text } = await answer;
    if (status < 200 || status > 299) throw new Error(`The hub answered ${status}: ${text}`);
    return json as T;
  };
  const submit: Party['submit'] = (text, headers) =>
    request('POST', '/v1/messages', text, { 'content-type': CLOUD_EVENT, ...headers });
  return {
    request,
    submit,
    token,
    get: (path) => good(request('GET', path)),
    post: (path, body) => good(request('POST', path, body)),
    send: (message) => good(submit(JSON.stringify(message))),
    follow: (messageId) => good(request('GET', `/v1/messages/${messageId}`)),
    inbox: async () => (await good<{ items: InboxCopy[] }>(request('GET', '/v1/inbox'))).items,
  };
}

async function newToken(
  hubUrl: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  const response = await fetch(new URL('/oauth2/token', hubUrl), {
    method: 'POST',
    headers: { authorization: `Basic ${basic.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`No token for ${clientId}: HTTP ${response.status}.`);
  return access_token;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The stations that a message has passed, in order. */
export function stationsOf(message: Followed): string[] {
  return message.timeline.map(({ station }) => station);
}

/** Waits until every delivery of a message is in one of these states by partner; answers the message. */
export function untilStates(
  party: Party,
  messageId: string,
  states: Record<string, string>,
  within?: number,
): Promise<Followed> {
  return eventually(
    async () => {
      const message = await party.follow(messageId);
      const found = Object.fromEntries(message.deliveries.map(({ partner, state }) => [partner, state]));
      const wanted = JSON.stringify(sorted(states));
      if (JSON.stringify(sorted(found)) !== wanted)
        throw new Error(
          `${message.type} stands at ${JSON.stringify(found)}, not ${wanted}: ${stationsOf(message).join(', ')}`,
        );
      return message;
    },
    ...(within === undefined ? [] : [{ within }]),
  );
}

/** Waits until a message has passed a station; answers the message. */
export function untilStation(
  party: Party,
  messageId: string,
  station: string,
  within?: number,
): Promise<Followed> {
  return eventually(
    async () => {
      const message = await party.follow(messageId);
      if (!stationsOf(message).includes(station))
        throw new Error(`${message.type} has not passed ${station}: ${stationsOf(message).join(', ')}`);
      return message;
    },
    ...(within === undefined ? [] : [{ within }]),
  );
}

function sorted(states: Record<string, string>): [string, string][] {
  return Object.entries(states).sort(([a], [b]) => a.localeCompare(b));
}

/** Waits until an answer to a message lies in a party's inbox; answers the copy, which stays there. */
export function untilInInbox(party: Party, messageId: string): Promise<InboxCopy> {
  return eventually(async () => {
    const items = await party.inbox();
    const item = items.find(({ message }) => message.causationid === messageId || message.id === messageId);
    if (!item) throw new Error(`No copy about ${messageId} lies in the inbox, only ${items.length} others.`);
    return item;
  });
}
