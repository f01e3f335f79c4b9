// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Day, Checklist, Gaps } from './shared.v1.js';

/**
 * Giver and receiver have spoken: who, when, and whether the young person was there.
 */
export interface HandoverConversationHeldV1 {
  /**
   * The day of the conversation.
   */
  heldOn: Day;
  /**
   * Who took part.
   *
   * @minItems 2
   * @maxItems 10
   */
  participants: Professional[];
  /**
   * Whether the young person was there.
   */
  youngPersonPresent: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Whether a parent or carer was there.
   */
  carerPresent?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * How they met.
   */
  mode?: 'in-person' | 'online' | 'phone' | 'unknown';
  /**
   * The standard handover template, item by item.
   */
  checklist: Checklist;
  /**
   * What is still missing; an empty list says nothing.
   */
  gaps: Gaps;
  /**
   * What was agreed.
   */
  agreed?: string;
  /**
   * What the young person wants of the new service.
   */
  youngPersonsWishes?: string;
  /**
   * When the receiver first sees the young person.
   */
  firstContactPlannedOn?: DateOrAnswer;
}
