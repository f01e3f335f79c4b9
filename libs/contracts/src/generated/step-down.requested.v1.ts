// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Person, Professional, Consent, Needs, Communication, RiskScreen, PriorityFlags, SafetyPlan } from './shared.v1.js';

/**
 * A specialist or intensive provider asks that a lighter one goes on. The sender keeps the case until it is accepted.
 */
export interface StepDownRequestedV1 {
  /**
   * The role or service that is asked, inside the alliance; absent where the front door is to decide.
   */
  to?: string;
  /**
   * Why less is needed.
   */
  reason: 'treatment-complete' | 'need-lower' | 'choice' | 'moved' | 'other';
  /**
   * The young person.
   */
  person: Person;
  /**
   * What was done, and how it went.
   */
  treatmentSummary: string;
  /**
   * Risk now.
   */
  risk: RiskScreen;
  /**
   * The safety plan.
   */
  safetyPlan: SafetyPlan;
  /**
   * The day on which the sender means to stop.
   */
  plannedEnd: DateOrAnswer;
  /**
   * What the young person wants next.
   */
  wishes: string;
  /**
   * Consent to sharing with the alliance.
   */
  consent: Consent;
  /**
   * Circumstances that bring priority.
   */
  priority: PriorityFlags;
  /**
   * Communication needs.
   */
  communication: Communication;
  /**
   * The named person for questions.
   */
  contact: Professional;
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * The current plan.
   */
  plan?: string;
  /**
   * Appointments still to come.
   *
   * @maxItems 20
   */
  appointments?: string[];
  /**
   * Medication, where sharing it is agreed.
   */
  medication?: string;
  /**
   * Education plan, in brief.
   */
  educationPlan?: string;
}
