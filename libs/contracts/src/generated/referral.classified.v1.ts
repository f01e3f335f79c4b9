// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant } from './shared.v1.js';

/**
 * The class of a referral, from which its triage clock follows. A provisional class stands until a person confirms another.
 */
export interface ReferralClassifiedV1 {
  /**
   * The class.
   */
  class: 'high-risk' | 'priority' | 'routine';
  /**
   * Whether a person has confirmed it.
   */
  status: 'provisional' | 'confirmed';
  /**
   * Why, in words of the screening; they may tell of care, justice or risk.
   *
   * @minItems 1
   * @maxItems 10
   */
  reasons: string[];
  /**
   * The clock that follows.
   */
  clock: 'CLK-HIGH' | 'CLK-PRIO' | 'CLK-ROUT';
  /**
   * When triage is due.
   */
  dueAt: Instant;
  /**
   * The class until now; its clock is kept.
   */
  previousClass?: 'high-risk' | 'priority' | 'routine';
  /**
   * When the fact that changed the class became known.
   */
  knownSince?: Instant;
}
