// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { ConsentScope, Instant } from './shared.v1.js';

/**
 * The young person wants the link undone. What was agreed with it ends; it reaches everybody who holds something of the case.
 */
export interface IdentityUnlinkV1 {
  /**
   * The service's own name for the account.
   */
  alias: string;
  /**
   * Who asked for it.
   */
  requestedBy: 'young-person' | 'carer' | 'service';
  /**
   * When.
   */
  requestedAt: Instant;
  /**
   * What ends.
   *
   * @minItems 1
   * @maxItems 20
   */
  scope: ConsentScope[];
  /**
   * What holders are to do with what they have.
   */
  instruction: 'delete' | 'stop-sharing' | 'keep-for-safety';
  /**
   * Why, if they wish to say.
   */
  reason?: string;
}
