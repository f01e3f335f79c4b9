// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Day, Code } from './shared.v1.js';

/**
 * One contact with a young person or somebody close to them. Two with an evidence-based service make access, so each says whether it was one.
 */
export interface ContactRecordedV1 {
  /**
   * The day of the contact.
   */
  on: Day;
  /**
   * The service.
   */
  serviceCode: Code;
  /**
   * How they met.
   */
  mode: 'in-person' | 'online' | 'phone' | 'text';
  /**
   * Where.
   */
  setting?: 'office' | 'family-hub' | 'school' | 'community' | 'home' | 'online' | 'other' | 'unknown';
  /**
   * Whether it took place; cancelled by the service never counts against the young person.
   */
  attended: Code;
  /**
   * Whether the intervention is evidence-based.
   */
  evidenceBased: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * How long it took; 0 where nobody came.
   */
  durationMinutes: number;
  /**
   * Who was there.
   *
   * @maxItems 5
   */
  with?: ('young-person' | 'carer' | 'sibling' | 'professional' | 'other')[];
  /**
   * Reasonable adjustments that were used.
   *
   * @maxItems 10
   */
  adjustments?: string[];
  /**
   * What the coordinator should know.
   */
  note?: string;
}
