// Generated from schemas/ by `npm run generate`. Change the schema, not this file.

/**
 * A named person has taken a risk alert on.
 */
export interface RiskAcknowledgedV1 {
  /**
   * The person who has taken it on.
   */
  by: {
    /**
     * Their name.
     */
    name: string;
    /**
     * Their role.
     */
    role: string;
    /**
     * The telephone number on which they answer.
     */
    callback?: string;
  };
  /**
   * When, RFC 3339.
   */
  at: string;
  /**
   * What is being done.
   */
  action: string;
  /**
   * Whether the risk goes on being worked on (true) or is closed (false).
   */
  continues: boolean;
}
