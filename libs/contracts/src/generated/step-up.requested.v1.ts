// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Person, Professional, Consent, Needs, Communication, RiskScreen, SafetyPlan, Measure, Support } from './shared.v1.js';

/**
 * A provider asks a more intensive one to take a young person on. The sender keeps the case until it is accepted.
 */
export interface StepUpRequestedV1 {
  /**
   * The role or service that is asked, for example mentoring-intensive. Never a partner: routes decide who that is.
   */
  to: string;
  /**
   * Why more is needed.
   */
  reason: 'need-escalating' | 'risk' | 'no-progress' | 'specialist-need' | 'other';
  /**
   * How soon an answer is needed.
   */
  urgency: 'routine' | 'urgent';
  /**
   * The young person.
   */
  person: Person;
  /**
   * How things are now.
   */
  currentStatus: string;
  /**
   * What has helped.
   */
  whatHelped?: string;
  /**
   * Interventions tried; an empty list says none.
   *
   * @maxItems 20
   */
  tried: Support[];
  /**
   * The latest measures.
   *
   * @maxItems 20
   */
  measures?: Measure[];
  /**
   * The risk screen.
   */
  risk: RiskScreen;
  /**
   * The safety plan.
   */
  safetyPlan: SafetyPlan;
  /**
   * Consent to the step-up.
   */
  consent: Consent;
  /**
   * Whether the sender goes on supporting while the other decides.
   */
  supportContinues: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Weeks waited so far.
   */
  weeksWaited?: number;
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * Communication needs.
   */
  communication?: Communication;
  /**
   * The care plan, in brief.
   */
  plan?: string;
  /**
   * Whom to ask.
   */
  contact?: Professional;
}
