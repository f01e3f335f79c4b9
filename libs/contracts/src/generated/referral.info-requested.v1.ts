// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Professional, Instant, Code } from './shared.v1.js';

/**
 * The front door asks for what is missing. The triage clock does not wait for it.
 */
export interface ReferralInfoRequestedV1 {
  /**
   * What is asked.
   *
   * @minItems 1
   * @maxItems 20
   */
  questions: {
    /**
     * What is asked for, as a word of the contract, for example dateOfBirth.
     */
    field: string;
    /**
     * The question in plain words.
     */
    question: string;
  }[];
  /**
   * Why it must be known.
   */
  why: string;
  /**
   * By when an answer helps; triage goes on with what is known.
   */
  deadline: Instant;
  /**
   * The role that is asked; absent: whoever sent the message that this one names.
   */
  to?: Code;
  /**
   * Who can be asked about it.
   */
  contact?: Professional;
}
