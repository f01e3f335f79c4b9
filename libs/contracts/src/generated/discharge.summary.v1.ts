// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Professional, Consent, Day, Code, SafetyPlan, Measure, Support } from './shared.v1.js';

/**
 * Support of the alliance ends, for one of five reasons, and everybody who may know hears how to come back. The case is closed only when it was delivered.
 */
export type DischargeSummaryV1 = {
  /**
   * The last day.
   */
  closedOn: Day;
  /**
   * Why it ends.
   */
  reason: 'goals-met' | 'destination-accepted' | 'young-persons-choice' | 'contact-exhausted' | 'moved-away';
  /**
   * How it went, in words that the young person may read.
   */
  summary: string;
  /**
   * Support given; an empty list says none.
   *
   * @maxItems 20
   */
  supports: Support[];
  /**
   * The last measures; an empty list says none.
   *
   * @maxItems 20
   */
  outcomes: Measure[];
  /**
   * What the young person wanted, and whether it was reached.
   *
   * @maxItems 10
   */
  goals?: {
    /**
     * The goal.
     */
    goal: string;
    /**
     * Whether it was reached.
     */
    reached: 'yes' | 'partly' | 'no' | 'unknown' | 'declined' | 'not-asked';
  }[];
  /**
   * How to come back, in plain words.
   */
  howToReturn: string;
  /**
   * A safety plan that stays open.
   */
  safetyPlan: SafetyPlan;
  /**
   * Who goes on, and that they have accepted.
   */
  nextParty?: {
    /**
     * The service.
     */
    name: string;
    /**
     * Service code.
     */
    service?: Code;
    /**
     * When they accepted.
     */
    acceptedOn: Day;
    /**
     * Whom to ask there.
     */
    contact?: Professional;
  };
  /**
   * The young person's own choice.
   */
  choice?: {
    /**
     * Whether they knew what they may have and how to come back.
     */
    informed: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
    /**
     * When they said so.
     */
    saidOn: DateOrAnswer;
    /**
     * In their words.
     */
    words?: string;
  };
  /**
   * Every attempt to reach them.
   *
   * @maxItems 30
   */
  attempts?: {
    /**
     * When.
     */
    on: Day;
    /**
     * How.
     */
    channel: 'phone' | 'sms' | 'email' | 'post' | 'in-person' | 'via-professional' | 'other';
  }[];
  /**
   * The check before somebody who cannot be reached is let go.
   */
  safeguardingCheck?: {
    /**
     * When.
     */
    checkedOn: Day;
    /**
     * Role of the person who checked.
     */
    by: string;
    /**
     * What it found.
     */
    result: 'no-concern' | 'concern-referred';
  };
  /**
   * Who has them where they have moved to.
   */
  handedTo?: {
    /**
     * The service there.
     */
    name: string;
    /**
     * When it was handed over.
     */
    handedOverOn: Day;
  };
  /**
   * Who is to have a copy, with the young person's consent.
   *
   * @minItems 1
   * @maxItems 6
   */
  copies: ('young-person' | 'carer' | 'referrer' | 'gp' | 'provider' | 'school')[];
  /**
   * The form in which the young person wants it.
   */
  letter?: {
    /**
     * The format.
     */
    format:
      | 'digital'
      | 'paper'
      | 'easy-read'
      | 'visual'
      | 'large-print'
      | 'audio'
      | 'unknown'
      | 'declined'
      | 'not-asked';
    /**
     * The language, as a BCP 47 tag, or unknown, declined or not-asked.
     */
    language: string;
  };
  /**
   * Consent to the copies.
   */
  consent: Consent;
};
