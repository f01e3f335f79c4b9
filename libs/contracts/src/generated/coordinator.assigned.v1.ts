// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Day } from './shared.v1.js';

/**
 * Who coordinates for the young person from now on. The reason stays with those who care for them: it may tell of care, justice or identity.
 */
export interface CoordinatorAssignedV1 {
  /**
   * The named coordinator.
   */
  coordinator: Professional;
  /**
   * The first day.
   */
  from: Day;
  /**
   * The first one, or another in their place.
   */
  change: 'assigned' | 'changed';
  /**
   * Why there is one.
   */
  reason?: 'care-experienced' | 'care-leaver' | 'youth-justice' | 'lgbtqia-offer' | 'send' | 'discretion';
  /**
   * Who stands in when they are away.
   */
  cover: string;
  /**
   * How often they get in touch.
   */
  checkInEveryDays?: number;
}
