// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Person, RiskScreen } from './shared.v1.js';

/**
 * Somebody may come to harm. It overtakes everything, is never held back, and is never enough alone: telephone as well.
 */
export interface RiskAlertV1 {
  /**
   * What was seen or said.
   */
  concern: string;
  /**
   * When, RFC 3339.
   */
  observedAt: string;
  /**
   * How near the harm is.
   */
  immediacy: 'now' | 'today' | 'soon' | 'unknown';
  /**
   * Whom it is about, as well as it can be said.
   */
  about: {
    /**
     * How well the young person is known.
     */
    kind: 'identified' | 'locator' | 'unidentified';
    /**
     * The young person, where known.
     */
    person?: Person;
    /**
     * The little that is known: an alias, a place, a session.
     */
    locator?: string;
  };
  /**
   * The telephone number on which the sender answers.
   */
  callback: string;
  /**
   * Whether the sender has telephoned already, and whom.
   */
  telephoned: {
    /**
     * Whether a telephone call was made.
     */
    done: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
    /**
     * Role of the person who was reached.
     */
    whom?: string;
  };
  /**
   * What was done already.
   *
   * @maxItems 20
   */
  actions?: string[];
  /**
   * Whether the young person knows of this alert.
   */
  youngPersonTold?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The risk screen.
   */
  risk?: RiskScreen;
}
