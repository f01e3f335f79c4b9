// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Instant, NamedPerson, Alternative } from './shared.v1.js';

/**
 * What came of a safeguarding referral. Whoever referred hears it.
 */
export type SafeguardingOutcomeV1 = {
  /**
   * What was decided.
   */
  outcome:
    | 'enquiry'
    | 'strategy-discussion'
    | 'child-in-need'
    | 'early-help'
    | 'already-open'
    | 'need-info'
    | 'no-further-action';
  /**
   * When it was decided.
   */
  decidedAt: Instant;
  /**
   * The person who answers for it.
   */
  by: NamedPerson;
  /**
   * What the referrer may know of it.
   */
  summary: string;
  /**
   * Why nothing further is done.
   */
  reason?: string;
  /**
   * What is offered in its place.
   */
  alternative?: Alternative;
  /**
   * What must be known before it can be decided.
   *
   * @maxItems 20
   */
  questions?: string[];
  /**
   * What the sender is asked to do, or not to do.
   */
  askedOfSender?: string;
  /**
   * When it is looked at again.
   */
  reviewOn?: DateOrAnswer;
};
