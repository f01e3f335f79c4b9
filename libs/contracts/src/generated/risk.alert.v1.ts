// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { RiskScreen, Instant, TelephoneNumber, About, Telephoned } from './shared.v1.js';

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
  observedAt: Instant;
  /**
   * How near the harm is.
   */
  immediacy: 'now' | 'today' | 'soon' | 'unknown';
  /**
   * Whom it is about, as well as it can be said.
   */
  about: About;
  /**
   * The telephone number on which the sender answers.
   */
  callback: TelephoneNumber;
  /**
   * Whether the sender has telephoned already, and whom.
   */
  telephoned: Telephoned;
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
