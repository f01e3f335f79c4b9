// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { ContactRoute, Person, Professional, Consent, Needs, Communication, RiskScreen, PriorityFlags, Support } from './shared.v1.js';

/**
 * Somebody asks for help for a young person. A half-empty referral is taken and then completed, never bounced.
 */
export interface ReferralSubmittedV1 {
  /**
   * Who refers.
   */
  referrer: {
    /**
     * In which capacity.
     */
    kind:
      | 'professional'
      | 'parent-carer'
      | 'young-person'
      | 'school'
      | 'gp'
      | 'social-care'
      | 'youth-justice'
      | 'existing-provider'
      | 'specialist'
      | 'other';
    /**
     * Name of the referrer.
     */
    name?: string;
    /**
     * Organisation of the referrer.
     */
    organisation?: string;
    /**
     * How to reach the referrer.
     */
    contact: ContactRoute;
  };
  /**
   * The young person.
   */
  person: Person;
  /**
   * Consent of the young person to sharing.
   */
  consent: Consent;
  /**
   * Whether a carer agrees with the referral.
   */
  carerAgreement?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Why, in the words of the young person or the referrer.
   */
  reason: string;
  /**
   * The risk screen.
   */
  risk: RiskScreen;
  /**
   * Circumstances that bring priority.
   */
  priority: PriorityFlags;
  /**
   * Communication needs.
   */
  communication: Communication;
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * School or college.
   */
  school?: string;
  /**
   * General practice.
   */
  practice?: string;
  /**
   * Services now and before.
   *
   * @maxItems 20
   */
  services?: Support[];
  /**
   * Preferred setting.
   */
  setting?: 'in-person' | 'online' | 'either' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Preferred times.
   *
   * @maxItems 3
   */
  times?: ('weekday' | 'evening' | 'saturday')[];
  /**
   * An offer that the young person asks for by their own choice.
   *
   * @maxItems 5
   */
  supportRequested?: 'lgbtqia-offer'[];
  /**
   * People in the family who may be spoken with.
   *
   * @maxItems 8
   */
  family?: Professional[];
  /**
   * Reference of an earlier case, where one is known.
   */
  priorCaseRef?: string;
}
