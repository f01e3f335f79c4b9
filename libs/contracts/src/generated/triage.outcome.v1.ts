// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional } from './shared.v1.js';

/**
 * The front door has read the referral and says what follows. There is no rejected outcome.
 */
export interface TriageOutcomeV1 {
  /**
   * The primary outcome.
   */
  outcome: 'self-help' | 'digital' | 'drop-in' | 'assessment' | 'urgent-risk';
  /**
   * Supports that run beside it.
   *
   * @maxItems 5
   */
  concurrent?: ('self-help' | 'digital' | 'drop-in' | 'assessment' | 'urgent-risk')[];
  /**
   * When it was decided.
   */
  decidedAt: string;
  /**
   * Role of the person who decided.
   */
  decidedBy: string;
  /**
   * The class of the referral.
   */
  class: 'high-risk' | 'priority' | 'routine';
  /**
   * What happens next.
   */
  nextStep: string;
  /**
   * By when.
   */
  nextStepBy: DateOrAnswer;
  /**
   * The outcome in plain words.
   */
  explanation: string;
  /**
   * Which digital offer, fitting the age.
   */
  digitalOption?: 'kooth' | 'lumi-nova' | 'website';
  /**
   * Why the class is priority.
   */
  priorityReason?: string;
  /**
   * The named coordinator.
   */
  coordinator?: Professional;
  /**
   * Completed years on the day of the decision, where a digital offer is named.
   */
  ageYears?: number;
}
