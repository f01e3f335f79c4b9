// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant, PlanRecipient } from './shared.v1.js';

/**
 * A safety plan holds no longer: everybody who has it must stop using it.
 */
export type SafetyPlanWithdrawnV1 = {
  /**
   * The holder's reference of the plan.
   */
  plan: string;
  /**
   * The last version that it speaks of.
   */
  version: number;
  /**
   * When.
   */
  withdrawnAt: Instant;
  /**
   * Why.
   */
  reason: 'replaced' | 'consent-withdrawn' | 'no-longer-needed' | 'wrong';
  /**
   * The holder's reference of the plan that takes its place.
   */
  replacedBy?: string;
  /**
   * What holders are to do with it.
   */
  instruction: 'delete' | 'return' | 'keep-for-safety';
  /**
   * Role of the person who withdraws it.
   */
  by: string;
  /**
   * Whose consent has ended.
   *
   * @maxItems 20
   */
  recipients?: PlanRecipient[];
};
