// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { ConsentScope } from './shared.v1.js';

/**
 * What may be shared, with whom and for what, has changed. It stops deliveries that wait.
 */
export interface ConsentChangedV1 {
  /**
   * What holds from now on.
   */
  status: 'given' | 'refused' | 'withdrawn' | 'limited' | 'expired';
  /**
   * To whom, of what and for what. It names the services of a case, which only those who give care may know.
   *
   * @minItems 1
   * @maxItems 20
   */
  scope: ConsentScope[];
  /**
   * Who decided.
   */
  by: 'young-person' | 'carer' | 'both' | 'other' | 'unknown';
  /**
   * The worker's view of whether the young person can decide this.
   */
  capacity: 'competent' | 'not-competent' | 'not-assessed' | 'unknown';
  /**
   * From when, RFC 3339.
   */
  effectiveAt: string;
  /**
   * What holders of the data are to do.
   */
  instruction: 'stop-sharing' | 'restrict' | 'keep-for-safety' | 'share';
  /**
   * What was said about it.
   */
  note?: string;
}
