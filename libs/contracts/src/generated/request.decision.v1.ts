// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Alternative } from './shared.v1.js';

/**
 * A provider answers a request: yes, yes with a wait, no with an alternative, or a question.
 */
export type RequestDecisionV1 = {
  /**
   * The business answer.
   */
  decision: 'accepted' | 'accepted-waiting' | 'declined' | 'need-info' | 'withdrawn';
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
   * The first day on which it can start.
   */
  earliestStart?: DateOrAnswer;
  /**
   * Weeks until it can start.
   */
  weeksToWait?: number;
  /**
   * What limits the provider.
   */
  capacityNote?: string;
};
