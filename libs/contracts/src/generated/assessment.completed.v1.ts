// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Consent, Needs, RiskScreen, Day, Code, Measure } from './shared.v1.js';

/**
 * A strengths-based assessment was held. Who needs no more than the request never gets its narrative.
 */
export interface AssessmentCompletedV1 {
  /**
   * The day on which it was held; booking is not enough.
   */
  heldOn: Day;
  /**
   * How it was held.
   */
  mode: 'in-person' | 'online' | 'telephone';
  /**
   * Who held it.
   */
  heldBy?: Professional;
  /**
   * What was found, by domain.
   */
  domains: {
    /**
     * Emotions and behaviour.
     */
    emotionalBehavioural: string;
    /**
     * Family and social life.
     */
    familySocial: string;
    /**
     * Who supports the young person.
     */
    supportNetwork: string;
    /**
     * Risk.
     */
    risk: RiskScreen;
  };
  /**
   * What goes well and what they are good at.
   */
  strengths: string;
  /**
   * What the young person wants to reach, in their words.
   *
   * @minItems 1
   * @maxItems 10
   */
  goals: string[];
  /**
   * What follows from it.
   */
  recommendation:
    'self-help' | 'digital' | 'drop-in' | 'intervention' | 'specialist' | 'other-service' | 'no-further-step';
  /**
   * The service that is recommended.
   */
  recommendedService?: Code;
  /**
   * Whether a trauma-informed note was made.
   */
  traumaInformed: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * Measures that were taken.
   *
   * @maxItems 20
   */
  measures?: Measure[];
  /**
   * Consent to pass it on.
   */
  consent: Consent;
}
