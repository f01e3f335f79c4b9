// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Day, TelephoneNumber, PlanRecipient } from './shared.v1.js';

/**
 * A safety plan goes to those whom the young person has agreed to, one by one. Whoever is not among them does not get it; where all are refused it stays with the young person alone.
 */
export interface SafetyPlanSharedV1 {
  /**
   * The holder's reference of the plan.
   */
  plan: string;
  /**
   * Which version; a newer one takes its place.
   */
  version: number;
  /**
   * When it was made.
   */
  madeOn: Day;
  /**
   * Who made it.
   *
   * @maxItems 4
   */
  madeWith?: ('young-person' | 'carer' | 'worker' | 'other')[];
  /**
   * What shows that it gets worse.
   *
   * @minItems 1
   * @maxItems 20
   */
  warningSigns: string[];
  /**
   * What helps, in order.
   *
   * @minItems 1
   * @maxItems 20
   */
  copingSteps: string[];
  /**
   * Whom to turn to, in order.
   *
   * @minItems 1
   * @maxItems 10
   */
  contacts: {
    /**
     * Who it is.
     */
    who: string;
    /**
     * Their number.
     */
    phone?: TelephoneNumber;
    /**
     * When they answer.
     */
    hours?: string;
  }[];
  /**
   * What is made safe around them.
   */
  saferPlace?: string;
  /**
   * What keeps them going.
   *
   * @maxItems 10
   */
  reasonsToLive?: string[];
  /**
   * When it is looked at again.
   */
  reviewOn: Day;
  /**
   * What the young person answered about each party; who is not here gets nothing.
   *
   * @maxItems 20
   */
  recipients: PlanRecipient[];
}
