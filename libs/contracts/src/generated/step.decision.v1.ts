// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Alternative } from './shared.v1.js';

/**
 * The answer to a step-up or step-down. Ownership of the case moves on an acceptance, and on nothing else.
 */
export type StepDecisionV1 = {
  /**
   * The business answer.
   */
  decision: 'accepted' | 'accepted-waiting' | 'declined' | 'need-info';
  /**
   * When it was decided.
   */
  decidedAt: string;
  /**
   * Role of the person who decided.
   */
  decidedBy: string;
  /**
   * Why it was declined.
   */
  reason?:
    | 'no-capacity'
    | 'outside-age'
    | 'outside-area'
    | 'need-too-high'
    | 'need-too-low'
    | 'not-our-service'
    | 'unsafe-setting'
    | 'already-open'
    | 'other';
  /**
   * What is offered in its place; a decline without one is not an answer.
   */
  alternative?: Alternative;
  /**
   * What must be known before it can be decided.
   *
   * @maxItems 20
   */
  questions?: string[];
  /**
   * The day from which the receiver owns the case.
   */
  ownerFrom?: string;
  /**
   * What is offered until then.
   */
  interimSupport?: string;
  /**
   * Weeks until it can start.
   */
  weeksToWait?: number;
};
