// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Communication, RiskScreen, Instant, Code, TelephoneNumber, About, Telephoned } from './shared.v1.js';

/**
 * A child may be suffering harm: the safeguarding front door is told. Consent is not needed, a reason is; telephone first.
 */
export interface SafeguardingReferralV1 {
  /**
   * How near the harm is.
   */
  immediacy: 'now' | 'today' | 'soon' | 'unknown';
  /**
   * The young person, as well as it can be said.
   */
  about: About;
  /**
   * What was seen or said, in the words that were used.
   */
  concern: string;
  /**
   * What kinds of harm are feared.
   *
   * @minItems 1
   * @maxItems 12
   */
  kinds: Code[];
  /**
   * When it was seen or said.
   */
  observedAt: Instant;
  /**
   * Why it is shared, and on what ground.
   */
  basis: string;
  /**
   * Who else knows; an empty list says nobody.
   *
   * @maxItems 10
   */
  whoKnows: Professional[];
  /**
   * Whether the young person knows of this referral.
   */
  youngPersonTold: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Whether a parent or carer knows of this referral.
   */
  carerTold: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Why somebody was not told, for example because it would not be safe.
   */
  notToldBecause?: string;
  /**
   * What protects the child now, or nothing yet.
   */
  immediateProtection: string;
  /**
   * Where the child is now, or unknown.
   */
  whereabouts?: string;
  /**
   * Whom the child is to be protected from, as far as it is known.
   */
  feared?: string;
  /**
   * Other children who may be at risk.
   */
  otherChildren?: string;
  /**
   * The risk screen.
   */
  risk?: RiskScreen;
  /**
   * The telephone number on which the referrer answers.
   */
  callback: TelephoneNumber;
  /**
   * The call to the front door: made, by whom, when.
   */
  telephoned: Telephoned;
  /**
   * Who refers.
   */
  referrer: Professional;
  /**
   * Communication needs.
   */
  communication?: Communication;
}
