// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant, TelephoneNumber } from './shared.v1.js';

/**
 * The front door says that it has the referral, what happens next, and where to turn meanwhile. Nothing clinical stands in it.
 */
export interface ReferralAcknowledgedV1 {
  /**
   * When the referral was received.
   */
  receivedAt: Instant;
  /**
   * What happens next, in plain words.
   */
  nextSteps: string;
  /**
   * By when, as a statement that holds for every class.
   */
  byWhen: string;
  /**
   * Where to turn in a crisis.
   *
   * @minItems 1
   * @maxItems 10
   */
  crisisRoutes: {
    /**
     * What it is.
     */
    name: string;
    /**
     * The number or the way.
     */
    route: string;
    /**
     * When it answers.
     */
    hours?: string;
  }[];
  /**
   * Who to call about the referral.
   */
  callUs: {
    /**
     * Their role.
     */
    role: string;
    /**
     * The number.
     */
    telephone: TelephoneNumber;
  };
  /**
   * Language in which it is written, as a BCP 47 tag.
   */
  language?: string;
  /**
   * Format in which it is written.
   */
  format?: 'digital' | 'paper' | 'easy-read' | 'visual' | 'large-print' | 'audio';
  /**
   * Where the welcome pack is found.
   */
  packLink?: string;
}
