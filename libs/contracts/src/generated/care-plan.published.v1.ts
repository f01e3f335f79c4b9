// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Day, Code, SafetyPlan } from './shared.v1.js';

/**
 * The plan that the young person and the front door agreed, whole, under a version that rises. A review or a change is a new version.
 */
export interface CarePlanPublishedV1 {
  /**
   * The plan’s version; the first is 1.
   */
  version: number;
  /**
   * The version that this one takes the place of.
   */
  supersedes?: number;
  /**
   * A full plan after an assessment, or a light one for self-help.
   */
  kind: 'full' | 'self-help';
  /**
   * What the young person wants to reach.
   *
   * @minItems 1
   * @maxItems 10
   */
  goals: {
    /**
     * The goal, in their words.
     */
    goal: string;
    /**
     * By when.
     */
    by?: DateOrAnswer;
    /**
     * How near it is.
     */
    progress?: 'not-begun' | 'under-way' | 'reached' | 'given-up' | 'unknown';
  }[];
  /**
   * How, where and with whom they want it.
   */
  preferences: string;
  /**
   * Who does what.
   *
   * @minItems 1
   * @maxItems 15
   */
  supports: {
    /**
     * The service.
     */
    service: Code;
    /**
     * The role that answers for it.
     */
    owner: Code;
    /**
     * First day.
     */
    from?: DateOrAnswer;
    /**
     * How often.
     */
    frequency?: string;
  }[];
  /**
   * When it is reviewed at the latest.
   */
  reviewOn: Day;
  /**
   * Why this version was made.
   */
  because:
    'first' | 'step-up' | 'step-down' | 'handover' | 'status-change' | 'scheduled-review' | 'requested';
  /**
   * Reasonable adjustments.
   *
   * @maxItems 10
   */
  adjustments?: string[];
  /**
   * Whether there is a safety plan.
   */
  safetyPlan?: SafetyPlan;
}
