// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Day, Checklist, Gaps } from './shared.v1.js';

/**
 * The receiver has seen the young person, has what was to be passed on, and says what is still missing.
 */
export interface HandoverCompletedV1 {
  /**
   * The day of the conversation.
   */
  conversationOn: Day;
  /**
   * The day on which the receiver first saw the young person.
   */
  firstContactOn: Day;
  /**
   * Who has the young person now.
   */
  receivedBy: Professional;
  /**
   * The standard handover template, item by item.
   */
  checklist: Checklist;
  /**
   * What is still missing; an empty list says nothing.
   */
  gaps: Gaps;
  /**
   * How the young person found the handover.
   */
  youngPersonsView?: string;
  /**
   * When the giver stops.
   */
  giverStopsOn?: DateOrAnswer;
}
