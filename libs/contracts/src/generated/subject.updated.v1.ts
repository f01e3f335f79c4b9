// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional } from './shared.v1.js';

/**
 * Something about a young person has changed. It says what, and never the value: whoever needs it asks, and a hash shows whether two parties mean the same.
 */
export interface SubjectUpdatedV1 {
  /**
   * What has changed.
   *
   * @minItems 1
   * @maxItems 16
   */
  changes: {
    /**
     * Which field.
     */
    field:
      | 'name'
      | 'date-of-birth'
      | 'nhs-number'
      | 'address'
      | 'contact-routes'
      | 'school'
      | 'gp'
      | 'care-status'
      | 'send-status'
      | 'youth-justice'
      | 'priority-flags'
      | 'communication'
      | 'carer'
      | 'capacity'
      | 'death'
      | 'other';
    /**
     * Since when.
     */
    effectiveOn: DateOrAnswer;
    /**
     * HMAC-SHA-256 of the new value under the case's key, in lower-case hex; never the value.
     */
    newHash: string;
    /**
     * The same of the value before, where it is known.
     */
    oldHash?: string;
  }[];
  /**
   * Whether nobody may learn from now on where they are (true), or may again (false).
   */
  restricted?: boolean;
  /**
   * Where they live from now on, when a border was crossed.
   */
  area?: 'medway' | 'kent' | 'elsewhere' | 'unknown';
  /**
   * A change of care status or of risk, which is passed on the same day.
   */
  sameDay?: boolean;
  /**
   * Whom to ask for the value.
   */
  heldBy?: Professional;
}
