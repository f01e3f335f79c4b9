import type { Outcome, OutcomeCode } from '#contracts';
import type { Answer, Witness } from './witness.js';

/** How one adapter tells that its partner has the copy. */
export interface Proof {
  /** The evidence in a 2xx: the id that the partner echoed (or a word of ours for an answer without one); undefined is none. */
  taken(answer: Answer): string | undefined;
  /** Whether a 409 carries the partner's own marker of a duplicate. */
  duplicate(answer: Answer): boolean;
  /** Whether this channel refuses for good by an answer of which the table below knows nothing. */
  refuses?(answer: Answer): boolean;
}

/** The table of design section 6 for an answer: class, arrived and code by status and evidence. */
export function judgeAnswer(answer: Answer, proof: Proof, tookMs: number, now: number): Outcome {
  const evidence = { status: answer.status, tookMs };
  const transient = (arrived: 'no' | 'maybe', code: OutcomeCode): Outcome => ({
    class: 'refused-transient',
    arrived,
    code,
    evidence,
  });
  const retryAfterMs = retryAfter(answer.headers['retry-after'], now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const { status } = answer;

  if (status >= 200 && status < 300) {
    const reference = proof.taken(answer);
    if (reference === undefined) return transient('maybe', 'no-evidence');
    return { class: 'delivered', arrived: 'yes', code: 'acknowledged', evidence: { ...evidence, reference } };
  }
  if (status >= 300 && status < 400) return transient('maybe', 'redirected');
  if (status === 409 && proof.duplicate(answer))
    return { class: 'delivered', arrived: 'yes', code: 'duplicate', evidence };
  if (status === 429) return { ...transient('no', 'rate-limited'), ...wait };
  if (status === 503 && retryAfterMs !== undefined)
    return { ...transient('no', 'unavailable'), retryAfterMs };
  // 425: it is still at work on the copy that came before.
  if (status === 408 || status === 425) return transient('maybe', 'timeout');
  if ([500, 502, 503, 504].includes(status)) return transient('maybe', 'server-error');
  if ([401, 403].includes(status))
    return { class: 'refused-auth', arrived: 'no', code: 'unauthorised', evidence };
  if ([400, 404, 406, 409, 413, 415, 422].includes(status) || proof.refuses?.(answer))
    return { class: 'refused-permanent', arrived: 'no', code: 'refused', evidence };
  return { class: 'defect', arrived: 'maybe', code: 'unmapped', evidence };
}

/**
 * The same for a request without an answer. Throws `error` itself when it is none of the network's: then the fault is ours.
 * @param timeUp whether the attempt's own time had run out
 */
export function judgeFailure(error: unknown, seen: Witness, timeUp: boolean): Outcome {
  const code = networkCode(error);
  if (seen.left) {
    const lost = timeUp
      ? 'timeout'
      : /HTTPParserError|HEADERS_OVERFLOW/.test(code ?? '')
        ? 'unmapped'
        : 'reset';
    return lost === 'unmapped'
      ? { class: 'defect', arrived: 'maybe', code: lost, evidence: { note: 'the answer was not HTTP' } }
      : { class: 'refused-transient', arrived: 'maybe', code: lost };
  }
  if (timeUp) return unreached('no connection in time');
  if (code === undefined || code.startsWith('UND_ERR_INVALID')) throw error;
  if (CERTIFICATE.test(code))
    return { class: 'refused-auth', arrived: 'no', code: 'unauthorised', evidence: { note: code } };
  return unreached(code);
}

const unreached = (note: string): Outcome => ({
  class: 'refused-transient',
  arrived: 'no',
  code: 'connection-refused',
  evidence: { note },
});

/** Node's codes for a certificate that was read and rejected: name, dates, issuer. Trying again mends none of them. */
const CERTIFICATE =
  /^(CERT_|CRL_|ERR_TLS_CERT_|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)/;

/** The first code in the chain of causes; fetch wraps what undici threw, and an AggregateError holds one per address. */
function networkCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { name, code, cause, errors } = error as Record<'name' | 'code' | 'cause' | 'errors', unknown>;
  if (name === 'HTTPParserError') return name; // undici gives it no code
  if (typeof code === 'string') return code;
  return networkCode(cause ?? (Array.isArray(errors) ? errors[0] : undefined), depth + 1);
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; undefined when absent or unreadable. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // An HTTP date is always in GMT; anything else that Date.parse would guess at is no date.
  const at = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
