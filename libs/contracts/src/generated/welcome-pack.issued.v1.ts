// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Instant } from './shared.v1.js';

/**
 * The young person was sent the welcome pack: self-help, drop-in groups and what is on, whatever the outcome of triage.
 */
export interface WelcomePackIssuedV1 {
  /**
   * How it was sent.
   */
  channel: 'email' | 'sms' | 'post' | 'portal' | 'in-person';
  /**
   * The format of it.
   */
  format: 'digital' | 'paper' | 'easy-read' | 'visual' | 'large-print' | 'audio' | 'translated';
  /**
   * Its language, as a BCP 47 tag.
   */
  language: string;
  /**
   * Which edition of the pack.
   */
  contentsVersion: string;
  /**
   * What is in it.
   *
   * @minItems 1
   * @maxItems 4
   */
  contents: ('psychoeducation' | 'guided-self-help' | 'drop-in-list' | 'whats-on')[];
  /**
   * When it was sent or handed over.
   */
  issuedAt: Instant;
  /**
   * What became of it.
   */
  deliveryStatus: 'sent' | 'delivered' | 'bounced' | 'handed-over' | 'unknown';
  /**
   * Which attempt this is; after a bounce another channel is tried.
   */
  attempt?: number;
}
