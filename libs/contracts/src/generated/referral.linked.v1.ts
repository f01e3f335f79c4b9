// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant } from './shared.v1.js';

/**
 * Several referrals are one young person’s. There is one case and one place in the queue, counted from the earliest.
 */
export interface ReferralLinkedV1 {
  /**
   * The case that goes on.
   */
  survivingCaseRef: string;
  /**
   * The cases that are part of it from now on.
   *
   * @minItems 1
   * @maxItems 10
   */
  linkedCaseRefs: string[];
  /**
   * Why they are linked.
   */
  reason: 'duplicate' | 'same-young-person' | 're-referral';
  /**
   * The clock that goes on.
   */
  clock?: 'CLK-HIGH' | 'CLK-PRIO' | 'CLK-ROUT';
  /**
   * The earliest receipt, from which the clock counts.
   */
  receivedAt: Instant;
}
