// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Instant, Day } from './shared.v1.js';

/**
 * The other service takes the referral. From here on it answers for the young person.
 */
export interface ReferralRedirectedAcceptedV1 {
  /**
   * The business answer.
   */
  decision: 'accepted';
  /**
   * When it was decided.
   */
  decidedAt: Instant;
  /**
   * Role of the person who decided.
   */
  decidedBy: string;
  /**
   * The day from which it answers for the case; absent: at once.
   */
  ownerFrom?: Day;
  /**
   * By when the young person hears from them.
   */
  firstContactBy: DateOrAnswer;
  /**
   * Who can be asked.
   */
  contact?: Professional;
}
