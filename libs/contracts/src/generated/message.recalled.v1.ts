// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant, Code } from './shared.v1.js';

/**
 * A message should not have reached somebody. Whoever has it is told what to do with it; what still waits is stopped.
 */
export interface MessageRecalledV1 {
  /**
   * The messageId of the message that is taken back.
   */
  messageId: string;
  /**
   * Why.
   */
  reason: 'wrong-recipient' | 'wrong-person' | 'wrong-content' | 'no-consent' | 'other';
  /**
   * What to do with it.
   */
  instruction: 'delete' | 'return' | 'keep-for-safety';
  /**
   * The role that should not have had it; absent: everybody who has it.
   */
  reachedRole?: Code;
  /**
   * Role of the person who takes it back.
   */
  by: string;
  /**
   * When.
   */
  at: Instant;
}
