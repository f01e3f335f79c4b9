import canonicalize from 'canonicalize';

import type { Envelope } from './envelope.js';

/**
 * What makes two messages the same (R2): the canonical JSON (RFC 8785) of every attribute and `data`, but for
 * `time`, `traceparent` and `tracestate`, which a sender that tries again may set anew. UTF-8. Takes what
 * `checkLimits` has passed; throws on a number or text that has no canonical form.
 */
export function canonicalBytes(envelope: Envelope): Buffer {
  const { time: _time, traceparent: _parent, tracestate: _state, ...same } = envelope;
  return Buffer.from(canonicalize(same) ?? '', 'utf8');
}
