// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Instant, Code } from './shared.v1.js';

/**
 * An appointment or an attempt to reach the young person came to nothing. What the service cancelled does not count against them.
 */
export interface ContactFailedV1 {
  /**
   * What happened.
   */
  kind:
    | 'did-not-attend'
    | 'cancelled-by-young-person'
    | 'cancelled-by-service'
    | 'unreachable'
    | 'channel-bounced';
  /**
   * When.
   */
  at: Instant;
  /**
   * By which way.
   */
  channel: Code;
  /**
   * Which attempt in a row this was.
   */
  attempt: number;
  /**
   * How the worker sees the risk.
   */
  riskView: 'no-concern' | 'some-concern' | 'high-concern' | 'unknown';
  /**
   * What is done next.
   */
  nextStep: string;
  /**
   * By when they are tried again.
   */
  nextAttemptBy: DateOrAnswer;
  /**
   * What was said about it.
   */
  reason?: string;
  /**
   * What stood in the way.
   */
  barrier?: 'digital' | 'language' | 'travel' | 'safety' | 'other' | 'unknown';
}
