import type { Dispatcher } from 'undici';

/** No acknowledgement needs more; what stands behind it is never read. */
export const ANSWER_LIMIT = 64 * 1024;

/** What a partner answered, as far as it was read. */
export interface Answer {
  status: number;
  /** Names in lower case; a header that came twice is joined by a comma. */
  headers: Record<string, string>;
  /** At most `ANSWER_LIMIT` bytes as UTF-8; cut short where the connection broke or the time was up. */
  body: string;
}

/**
 * Watches one request from below, where it is known for certain whether its first byte has left. Whoever sends (undici,
 * fetch, a FHIR client) may throw what it likes: what this has seen decides.
 */
export class Witness {
  /** Whether the request was given to an open connection: from here on the body may have arrived. */
  left = false;
  #leftAt = 0;
  #answeredAt = 0;
  #status: number | undefined;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #size = 0;
  #used = false;

  /** The dispatcher to send through, once: fetch would send the same body again after a 421. */
  over(agent: Dispatcher): Dispatcher {
    return agent.compose((dispatch) => (options, handler) => {
      if (this.#used) throw new Stopped('one attempt sends one request');
      this.#used = true;
      return dispatch(options, this.#watch(handler));
    });
  }

  /** What was answered; undefined while no status line has come. */
  answer(): Answer | undefined {
    if (this.#status === undefined) return undefined;
    return {
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks).toString('utf8'),
    };
  }

  /** Milliseconds from the first byte out to the status line. */
  tookMs(): number {
    return Math.max(0, Math.round(this.#answeredAt - this.#leftAt));
  }

  #watch(next: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller, context) => {
        next.onRequestStart?.(controller, context);
        // The connection may stand only after the time is up: then the sender has just stopped it, and nothing leaves.
        if (controller.aborted) return;
        this.left = true;
        this.#leftAt = performance.now();
      },
      onRequestUpgrade: (...all) => next.onRequestUpgrade?.(...all),
      onResponseStart: (controller, status, headers, text) => {
        // 1xx is no answer yet.
        if (status >= 200) this.#begin(status, headers);
        // Unasked for: a few bytes could unpack to many megabytes.
        if (headers['content-encoding'] !== undefined) controller.abort(new Stopped('the answer is packed'));
        else next.onResponseStart?.(controller, status, headers, text);
      },
      onResponseData: (controller, chunk) => {
        const room = ANSWER_LIMIT - this.#size;
        this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
        this.#size += Math.min(chunk.length, room);
        if (chunk.length > room) controller.abort(new Stopped('the answer is too long'));
        else next.onResponseData?.(controller, chunk);
      },
      onResponseEnd: (...all) => next.onResponseEnd?.(...all),
      onResponseError: (...all) => next.onResponseError?.(...all),
    };
  }

  #begin(status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    this.#answeredAt = performance.now();
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined)
        this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
}

/** Why the witness itself ended a request. It is never judged: what was seen until then is. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}
