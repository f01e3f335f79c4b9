// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Day, Code, Measure } from './shared.v1.js';

/**
 * One intervention has ended, and the provider says what should follow. The case stays open with the front door until the plan was looked at.
 */
export interface InterventionCompletedV1 {
  /**
   * The service.
   */
  serviceCode: Code;
  /**
   * The last day.
   */
  endedOn: Day;
  /**
   * Why it ended.
   */
  reason: 'goals-met' | 'step-up' | 'step-down' | 'young-persons-choice' | 'unreachable' | 'moved' | 'other';
  /**
   * Whether the end was planned.
   */
  planned: 'planned' | 'unplanned';
  /**
   * Sessions in all.
   */
  sessions: number;
  /**
   * The last measures; an empty list says none.
   *
   * @maxItems 20
   */
  measures: Measure[];
  /**
   * Why there is no last measure.
   */
  measuresMissingBecause?: string;
  /**
   * What should follow.
   */
  recommendedNext: {
    /**
     * What kind of step.
     */
    kind:
      'nothing-further' | 'step-up' | 'step-down' | 'other-service' | 'review' | 'reach-out' | 'self-help';
    /**
     * The service, where one is meant.
     */
    service?: Code;
    /**
     * Why.
     */
    why?: string;
  };
  /**
   * How it went.
   */
  summary?: string;
  /**
   * What the young person says of it.
   */
  youngPersonsView?: string;
}
