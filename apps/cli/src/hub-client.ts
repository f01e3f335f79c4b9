import { credentialOf } from './credentials.js';
import { CommandFailure, type Io } from './io.js';

/** The hub's own answer to something that it does not do (RFC 9457). */
export interface Problem {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  remedy?: string;
  instance?: string;
  errors?: { pointer: string; keyword: string; detail: string }[];
  telephone?: string;
}

export class HubProblem extends Error {
  override readonly name = 'HubProblem';
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.title ?? `HTTP ${status}`);
  }
}

const WITHIN_MS = 30_000;

/** Talks to the hub at `HUB_URL` as one party, with the credentials of `HUB_DATA`. */
export class HubClient {
  readonly url: string;
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(private readonly io: Io) {
    this.url = (io.env.HUB_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
  }

  /** `withinMs`: how long the answer may take, for what is known to take long. */
  get(path: string, party = 'ops', withinMs = WITHIN_MS): Promise<unknown> {
    return this.call('GET', path, party, { withinMs });
  }

  post(
    path: string,
    body: unknown,
    party = 'ops',
    type = 'application/json',
    withinMs = WITHIN_MS,
  ): Promise<unknown> {
    const headers = { 'content-type': type };
    return this.call('POST', path, party, { headers, body: JSON.stringify(body), withinMs });
  }

  /** A file as it stands. */
  upload(path: string, file: Buffer, type: string, party: string, withinMs: number): Promise<unknown> {
    return this.call('POST', path, party, {
      headers: { 'content-type': type },
      body: new Uint8Array(file),
      withinMs,
    });
  }

  /** An open answer, for server-sent events; `signal` ends it. */
  async stream(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    party = 'ops',
  ): Promise<Response> {
    const authorization = `Bearer ${await this.token(party)}`;
    const response = await this.fetch(path, { headers: { ...headers, authorization }, signal });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  /** An access token by client credentials. Throws when hub and credentials do not belong together. */
  token(party: string): Promise<string> {
    const known = this.tokens.get(party) ?? this.newToken(party);
    this.tokens.set(party, known);
    return known;
  }

  /** They live for minutes; a command that runs for hours asks again. */
  forgetTokens(): void {
    this.tokens.clear();
  }

  /** Without a token: for what is open to all. */
  open(path: string): Promise<Response> {
    return this.fetch(path, { signal: AbortSignal.timeout(WITHIN_MS) });
  }

  private async call(
    method: string,
    path: string,
    party: string,
    request: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; withinMs: number },
  ): Promise<unknown> {
    const { headers, body, withinMs } = request;
    const authorization = `Bearer ${await this.token(party)}`;
    const signal = AbortSignal.any([AbortSignal.timeout(withinMs), this.io.stop]);
    const response = await this.fetch(path, { method, headers: { ...headers, authorization }, body, signal });
    if (!response.ok) throw await problemOf(response);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  private async newToken(party: string): Promise<string> {
    const { clientId, clientSecret } = credentialOf(party, this.io.env);
    const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
    const response = await this.fetch('/oauth2/token', {
      method: 'POST',
      headers: { authorization: `Basic ${basic.toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    const answer = (await response.json().catch(() => ({}))) as { access_token?: string };
    if (answer.access_token) return answer.access_token;
    throw new CommandFailure(
      `The hub at ${this.url} does not take the credentials of "${party}" (HTTP ${response.status}).`,
      'They may belong to another hub: set HUB_DATA to the folder of that hub, or HUB_URL to its address.',
    );
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, init);
    } catch (error) {
      if (this.io.stop.aborted) throw error;
      const late = (error as Error).name === 'TimeoutError';
      throw new CommandFailure(
        late ? `The hub at ${this.url} has not answered in time.` : `No hub answers at ${this.url}.`,
        'Start one with `npm start`, or set HUB_URL to where yours listens.',
      );
    }
  }
}

async function problemOf(response: Response): Promise<HubProblem> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  return new HubProblem(response.status, problem);
}

/** The list in an answer: the answer itself, or its one member that is a list. */
export function itemsOf<T>(answer: unknown): T[] {
  if (Array.isArray(answer)) return answer as T[];
  const lists = Object.values((answer ?? {}) as Record<string, unknown>).filter(Array.isArray);
  return (lists[0] ?? []) as T[];
}
