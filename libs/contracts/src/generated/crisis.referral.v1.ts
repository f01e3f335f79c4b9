// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Consent, Needs, Communication, RiskScreen, TelephoneNumber, About, Telephoned, SafetyPlan } from './shared.v1.js';

/**
 * A young person in crisis is referred to the crisis team or to CAMHS, at any hour. A named person acknowledges it within fifteen minutes; telephone first.
 */
export interface CrisisReferralV1 {
  /**
   * The team that is asked.
   */
  to: 'crisis-team' | 'specialist-camhs';
  /**
   * How near the harm is.
   */
  immediacy: 'now' | 'today' | 'soon' | 'unknown';
  /**
   * The young person, as well as it can be said.
   */
  about: About;
  /**
   * What was seen or said.
   */
  concern: string;
  /**
   * The risk screen.
   */
  risk: RiskScreen;
  /**
   * What they could harm themselves or others with, and whether it was taken away.
   */
  means?: string;
  /**
   * Where they are now, or unknown.
   */
  whereabouts: string;
  /**
   * Who is with them now.
   */
  withThem: 'nobody' | 'carer' | 'professional' | 'others' | 'unknown';
  /**
   * The referrer's view of whether they can decide about their care now.
   */
  capacity: 'has-capacity' | 'lacks-capacity' | 'fluctuates' | 'not-assessed' | 'unknown';
  /**
   * What keeps them safe until somebody comes.
   */
  keepsSafe: string;
  /**
   * The safety plan.
   */
  safetyPlan: SafetyPlan;
  /**
   * Consent is sought, and not required.
   */
  consent: Consent;
  /**
   * Why it is referred without consent.
   */
  withoutConsentBecause?: string;
  /**
   * Whether the young person knows of this referral.
   */
  youngPersonTold: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The telephone number on which the referrer answers.
   */
  callback: TelephoneNumber;
  /**
   * The call to the team: made, by whom, when.
   */
  telephoned: Telephoned;
  /**
   * Who refers.
   */
  referrer: Professional;
  /**
   * What must be known of before.
   */
  history?: string;
  /**
   * Medication, as far as it is known.
   */
  medication?: string;
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * Communication needs.
   */
  communication?: Communication;
}
