// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Instant, Referral } from './shared.v1.js';

/**
 * A referral came to a sub-contractor, which hands it to the front door unworked. Its clocks count from the day it was first received.
 */
export interface ReferralMisdirectedV1 {
  /**
   * The referral as it came.
   */
  referral: Referral;
  /**
   * When the sub-contractor received it.
   */
  receivedAt: Instant;
  /**
   * What was said to the young person or the family.
   */
  told: string;
  /**
   * When that was said.
   */
  toldOn?: DateOrAnswer;
  /**
   * Who at the sub-contractor can be asked.
   */
  contact?: Professional;
}
