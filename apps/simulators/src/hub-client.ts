import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredEnvelope, Envelope } from '#contracts';
import { exchangeHeaders, isDuplicate, toBundle } from '#fhir';

/** What a partner shows the hub to get its token. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** The hub as one partner's system sees it. Waits and tries again where the hub says that it may. */
export class HubClient {
  readonly #stop = new AbortController();
  #token: { value: string; until: number } | undefined;

  constructor(
    private readonly hubUrl: string,
    private readonly credentials: ClientCredentials,
  ) {}

  /** Posts a message until the hub has it or refuses it for good. The id stays the same, so it is accepted once. */
  async send(envelope: Envelope): Promise<void> {
    await this.#post('/v1/messages', 'application/cloudevents+json', JSON.stringify(envelope));
  }

  /** The same as a FHIR message bundle. */
  async sendFhir(envelope: Envelope): Promise<void> {
    await this.#post(
      '/fhir/$process-message',
      'application/fhir+json',
      JSON.stringify(toBundle(envelope)),
      exchangeHeaders(envelope),
    );
  }

  /** A file of rows: CSV by the kind that its name begins with (`outcomes.2026-11.csv`), or a message in each line. */
  async sendRows(file: string, text: string): Promise<void> {
    if (file.endsWith('.ndjson')) return this.#post('/v1/batches', 'application/x-ndjson', text);
    const kind = file.slice(0, file.indexOf('.'));
    await this.#post(`/v1/batches?kind=${encodeURIComponent(kind)}`, 'text/csv', text);
  }

  /** What waits in our inbox; the hub holds the request open for a while when there is nothing. */
  async inbox(): Promise<DeliveredEnvelope[]> {
    const response = await this.#request('/v1/inbox?wait=20', { method: 'GET' });
    if (!response.ok) throw new HubRefused('/v1/inbox', response.status);
    const page = (await response.json()) as { items: { message: DeliveredEnvelope }[] };
    return page.items.map(({ message }) => message);
  }

  /** Resolves with false when the copy was withdrawn meanwhile: then it must not be acted upon. */
  async acknowledge(deliveryid: string): Promise<boolean> {
    const path = `/v1/inbox/${encodeURIComponent(deliveryid)}/acknowledge`;
    const response = await this.#request(path, { method: 'POST' });
    await response.body?.cancel();
    if (response.status === 404 || response.status === 409) return false;
    if (!response.ok) throw new HubRefused('/v1/inbox/…/acknowledge', response.status);
    return true;
  }

  /** Ends every wait and request under way. */
  close(): void {
    this.#stop.abort();
  }

  async #post(path: string, type: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    for (let pause = 200; !this.#stop.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      const status = await this.#tryPost(path, type, body, headers);
      if (status >= 200 && status < 300) return;
      if (status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status))
        throw new HubRefused(path, status);
      await sleep(pause, undefined, { signal: this.#stop.signal });
    }
  }

  /** The answer's status, 200 where the hub had it before; 0 when the hub could not be reached. */
  async #tryPost(path: string, type: string, body: string, headers: Record<string, string>): Promise<number> {
    try {
      const response = await this.#request(path, {
        method: 'POST',
        headers: { 'content-type': type, ...headers },
        body,
      });
      const answer = await response.text();
      return isDuplicate(response.status, answer) ? 200 : response.status;
    } catch {
      return 0;
    }
  }

  async #request(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const authorization = `Bearer ${await this.#bearer()}`;
    const response = await fetch(new URL(path, this.hubUrl), {
      ...init,
      headers: { ...init.headers, authorization },
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(60_000)]),
    });
    if (response.status === 401) this.#token = undefined;
    return response;
  }

  async #bearer(): Promise<string> {
    if (this.#token && this.#token.until > Date.now()) return this.#token.value;
    const { clientId, clientSecret } = this.credentials;
    const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
    const response = await fetch(new URL('/oauth2/token', this.hubUrl), {
      method: 'POST',
      headers: { authorization: `Basic ${basic.toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(10_000)]),
    });
    if (!response.ok) throw new HubRefused('/oauth2/token', response.status);
    const token = (await response.json()) as { access_token: string; expires_in: number };
    // Half of its life: a token must not end on its way.
    this.#token = { value: token.access_token, until: Date.now() + token.expires_in * 500 };
    return token.access_token;
  }
}

/** The hub did not take what we sent. Holds a path and a status, nothing of the message. */
export class HubRefused extends Error {
  override readonly name = 'HubRefused';
  constructor(
    readonly path: string,
    readonly status: number,
  ) {
    super(`the hub answered ${status} to ${path}`);
  }
}
