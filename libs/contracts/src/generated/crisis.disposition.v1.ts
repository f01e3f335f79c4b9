// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { RiskScreen, Instant, NamedPerson, SafetyPlan, Alternative } from './shared.v1.js';

/**
 * What came of a crisis referral. Nobody is sent away with nothing: where the team does not act, it says why and what instead.
 */
export type CrisisDispositionV1 = {
  /**
   * What was decided.
   */
  disposition: 'accepted' | 'advice' | 'emergency-department' | 'home-treatment' | 'no-action';
  /**
   * When the referral reached the team.
   */
  receivedAt: Instant;
  /**
   * When it was decided.
   */
  decidedAt: Instant;
  /**
   * The person who decided.
   */
  by: NamedPerson;
  /**
   * What was found and what is done.
   */
  summary: string;
  /**
   * The risk as it is now.
   */
  risk?: RiskScreen;
  /**
   * What the sender and the family can do.
   */
  advice?: string;
  /**
   * Why the team does not act.
   */
  reason?: string;
  /**
   * What is offered in its place.
   */
  alternative?: Alternative;
  /**
   * When the team is next in touch.
   */
  nextContactAt?: Instant;
  /**
   * The safety plan, as it stands now.
   */
  safetyPlan?: SafetyPlan;
  /**
   * Whether the young person knows of the decision.
   */
  youngPersonTold?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
};
