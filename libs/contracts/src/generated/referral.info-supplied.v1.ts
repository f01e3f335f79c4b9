// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant } from './shared.v1.js';

/**
 * What was asked for, as far as it is known. An answer may be that it is unknown.
 */
export interface ReferralInfoSuppliedV1 {
  /**
   * The answers.
   *
   * @minItems 1
   * @maxItems 20
   */
  answers: {
    /**
     * What was asked for, as the question named it.
     */
    field: string;
    /**
     * Whether it is answered.
     */
    status: 'answered' | 'unknown' | 'declined' | 'not-asked';
    /**
     * The answer.
     */
    answer?: string;
  }[];
  /**
   * When it was answered.
   */
  suppliedAt: Instant;
  /**
   * Role of the person who answered.
   */
  suppliedBy: string;
  /**
   * What else helps.
   */
  note?: string;
}
