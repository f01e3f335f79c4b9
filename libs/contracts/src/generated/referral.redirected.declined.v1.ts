// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Instant, Code, Alternative } from './shared.v1.js';

/**
 * The other service does not take the referral, and says why and what it offers in its place. The case stays with the front door.
 */
export interface ReferralRedirectedDeclinedV1 {
  /**
   * The business answer.
   */
  decision: 'declined';
  /**
   * When it was decided.
   */
  decidedAt: Instant;
  /**
   * Role of the person who decided.
   */
  decidedBy: string;
  /**
   * Why it was declined.
   */
  reason: Code;
  /**
   * The reason in words.
   */
  explanation?: string;
  /**
   * What is offered in its place; a decline without one is not an answer.
   */
  alternative: Alternative;
  /**
   * Who can be asked.
   */
  contact?: Professional;
}
