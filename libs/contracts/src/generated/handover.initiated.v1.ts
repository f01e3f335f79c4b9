// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Consent, RiskScreen, Code, Checklist, Gaps, SafetyPlan } from './shared.v1.js';

/**
 * The giving worker begins a warm handover: a conversation is to be held and a first contact made. Until then the giver keeps the young person.
 */
export interface HandoverInitiatedV1 {
  /**
   * The role that receives, for example mentoring-intensive. Never a partner: routes decide who that is.
   */
  to: Code;
  /**
   * Who gives.
   */
  fromWorker: Professional;
  /**
   * Who receives, where it is known.
   */
  toWorker?: Professional;
  /**
   * When the receiver accepted.
   */
  acceptedOn?: DateOrAnswer;
  /**
   * Whether the young person takes part in the handover.
   */
  youngPersonInvolved: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The standard handover template, item by item.
   */
  checklist: Checklist;
  /**
   * What is not passed on yet; an empty list says that nothing is missing.
   */
  gaps: Gaps;
  /**
   * When the conversation is to be held.
   */
  conversationPlannedOn?: DateOrAnswer;
  /**
   * Whether both workers see the young person together.
   */
  jointSession?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Consent to the handover.
   */
  consent: Consent;
  /**
   * What the receiver must know first.
   */
  summary?: string;
  /**
   * The risk screen.
   */
  risk?: RiskScreen;
  /**
   * The safety plan.
   */
  safetyPlan?: SafetyPlan;
}
