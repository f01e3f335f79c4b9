// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant, NamedPerson } from './shared.v1.js';

/**
 * A named person has taken a risk alert on.
 */
export interface RiskAcknowledgedV1 {
  /**
   * The person who has taken it on.
   */
  by: NamedPerson;
  /**
   * When, RFC 3339.
   */
  at: Instant;
  /**
   * What is being done.
   */
  action: string;
  /**
   * Whether the risk goes on being worked on (true) or is closed (false).
   */
  continues: boolean;
}
