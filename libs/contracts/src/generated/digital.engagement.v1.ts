// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Day, Code } from './shared.v1.js';

/**
 * How a digital service is used: by one person who has agreed, or as a month's figures without anybody. Figures of fewer than five are left out and marked so.
 */
export type DigitalEngagementV1 = {
  /**
   * Whether it speaks of one person or of figures.
   */
  kind: 'person' | 'aggregate';
  /**
   * The time that it speaks of.
   */
  period: {
    /**
     * First day.
     */
    from: Day;
    /**
     * Last day.
     */
    until: Day;
  };
  /**
   * Figures of one band, without a person.
   */
  aggregate?: {
    /**
     * Ages.
     */
    ageBand: '10-13' | '14-16' | '17-18' | '19-25' | 'all' | 'not-known';
    /**
     * Gender.
     */
    genderBand: 'female' | 'male' | 'other' | 'all' | 'not-known';
    /**
     * What it was about; all for every theme.
     */
    theme: Code;
    /**
     * How many people; left out where it would be fewer than five.
     */
    users?: number;
    /**
     * How many sessions; left out with the users.
     */
    sessions?: number;
    /**
     * The figures are left out because fewer than five people stand behind them.
     */
    suppressed?: boolean;
  };
  /**
   * One person's use, with consent.
   */
  person?: {
    /**
     * Whether the account was activated.
     */
    activated: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
    /**
     * Sessions in the period.
     */
    sessions: number;
    /**
     * The level reached.
     */
    level?: string;
    /**
     * Last day of use.
     */
    lastUsedOn?: DateOrAnswer;
    /**
     * Whether they have stopped before the end.
     */
    droppedOut?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  };
};
