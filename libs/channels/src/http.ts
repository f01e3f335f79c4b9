import { Agent, request, type Dispatcher } from 'undici';
import type { Outcome } from '#contracts';
import { judgeAnswer, judgeFailure, type Proof } from './judge.js';
import { Witness } from './witness.js';

export type { Proof } from './judge.js';
export type { Answer } from './witness.js';

/** One POST to a partner. */
export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * The connections to one partner's endpoint, with TLS verified. For a partner that cannot tell a repeat every attempt
 * gets a connection of its own: one that the partner closed while it lay idle would make the attempt ambiguous, and
 * ambiguity there costs a person's time.
 */
export function openConnections(partner: { idempotent: boolean }): Agent {
  // HTTP/2 would share one connection among attempts, so that one broken stream makes all of them ambiguous.
  return new Agent({ allowH2: false, pipelining: partner.idempotent ? 1 : 0 });
}

/** Posts once: no retry, no redirect followed. Throws only for a fault of ours, such as a header that is no header. */
export async function postOnce(
  connections: Dispatcher,
  post: Post,
  proof: Proof,
  signal: AbortSignal,
): Promise<Outcome> {
  return sendOnce(connections, proof, signal, async (dispatcher) => {
    const response = await request(post.url, {
      dispatcher,
      method: 'POST',
      headers: { ...post.headers, 'accept-encoding': 'identity' },
      body: post.body,
      signal,
    });
    await response.body.text();
  });
}

/**
 * Runs one send through a witness and judges what the witness saw, whatever the sender returned or threw.
 * @param send sends exactly one request through the dispatcher it is given, and reads the answer to its end
 */
export async function sendOnce(
  connections: Dispatcher,
  proof: Proof,
  signal: AbortSignal,
  send: (through: Dispatcher) => Promise<void>,
): Promise<Outcome> {
  const seen = new Witness();
  let thrown: unknown;
  try {
    // undici lets a request that waits for its connection notice an abort only when the connection stands.
    await Promise.race([send(seen.over(connections)), aborted(signal)]);
  } catch (error) {
    thrown = error;
  }
  const answer = seen.answer();
  return answer
    ? judgeAnswer(answer, proof, seen.tookMs(), Date.now())
    : judgeFailure(thrown, seen, signal.aborted);
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const give = (): void => reject(new Error('the time is up'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });

/** The answer's body as a JSON object; undefined for anything else, such as a page of HTML. */
export function jsonOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
