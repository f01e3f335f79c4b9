// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { RiskScreen, Instant, NamedPerson, SafetyPlan } from './shared.v1.js';

/**
 * A named person says that a risk is no longer worked on, and why. Nothing closes a risk by itself.
 */
export type RiskClosedV1 = {
  /**
   * The person who closes it.
   */
  by: NamedPerson;
  /**
   * When.
   */
  closedAt: Instant;
  /**
   * Why it is closed.
   */
  reason: 'no-longer-at-risk' | 'plan-in-place' | 'taken-on-by-other' | 'not-a-risk' | 'other';
  /**
   * Who has taken it on.
   */
  takenOnBy?: string;
  /**
   * What was done and how things are now.
   */
  summary: string;
  /**
   * The risk as it is now.
   */
  risk?: RiskScreen;
  /**
   * The safety plan, as it stands now.
   */
  safetyPlan: SafetyPlan;
  /**
   * Who looks again, and when; or none.
   */
  followUp: string;
  /**
   * Whether the young person knows that it is closed.
   */
  youngPersonTold?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
};
