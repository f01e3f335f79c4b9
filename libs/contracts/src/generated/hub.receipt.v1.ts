// Generated from schemas/ by `npm run generate`. Change the schema, not this file.

/**
 * The hub tells a sender how each copy of its message ended.
 */
export interface HubReceiptV1 {
  /**
   * The message that it speaks of.
   */
  messageId: string;
  /**
   * One line for each recipient.
   *
   * @maxItems 100
   */
  lines: {
    /**
     * The delivery.
     */
    deliveryId: string;
    /**
     * The recipient.
     */
    partner: string;
    /**
     * How far its copy came.
     */
    state:
      | 'queued'
      | 'ready'
      | 'claimed'
      | 'handed-over'
      | 'blocked'
      | 'parked'
      | 'acknowledged'
      | 'withheld'
      | 'superseded'
      | 'discarded';
    /**
     * Since when, RFC 3339.
     */
    at: string;
    /**
     * The fault code where it did not end well.
     */
    reason?: string;
  }[];
  /**
   * Whether every copy has ended.
   */
  complete: boolean;
  /**
   * What to do besides: a risk must also be telephoned.
   */
  telephone?: string;
}
