// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Day, Code } from './shared.v1.js';

/**
 * What a young person who waits can use now, and what happens next. It promises no place in a queue.
 */
export interface WaitingStatusV1 {
  /**
   * Whole weeks since triage.
   */
  weeksSinceTriage: number;
  /**
   * What is open to them now.
   *
   * @maxItems 10
   */
  supportsAvailable: Code[];
  /**
   * What they have used.
   *
   * @maxItems 10
   */
  supportsUsed?: Code[];
  /**
   * What happens next, in plain words.
   */
  nextAction: string;
  /**
   * When.
   */
  nextActionOn: DateOrAnswer;
  /**
   * When somebody next asks how safe they are.
   */
  riskCheckDue: DateOrAnswer;
  /**
   * Adjustments that are in place.
   *
   * @maxItems 10
   */
  adjustments?: string[];
  /**
   * When it may begin; an estimate, no promise.
   */
  estimate?: {
    /**
     * Not before.
     */
    earliest: Day;
    /**
     * Hardly after.
     */
    latest: Day;
  };
}
