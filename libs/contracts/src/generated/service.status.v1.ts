// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Day, Code } from './shared.v1.js';

/**
 * Whether a service is open, and how soon. Announced is not open. Nobody's data stands in it.
 */
export type ServiceStatusV1 = {
  /**
   * The service.
   */
  serviceCode: Code;
  /**
   * Where it stands; planned is announced and not open.
   */
  state: 'planned' | 'open' | 'waiting-list' | 'paused' | 'closed';
  /**
   * Since or from when.
   */
  from: Day;
  /**
   * Until when, where that is known.
   */
  until?: Day;
  /**
   * How much room there is.
   */
  capacity?: 'none' | 'little' | 'some' | 'plenty' | 'unknown';
  /**
   * Weeks to wait.
   */
  weeksToWait?: number;
  /**
   * The first day that is free.
   */
  nextSlotOn?: DateOrAnswer;
  /**
   * Where it holds.
   */
  area?: 'medway' | 'kent' | 'both';
  /**
   * What senders should know; no person's data.
   */
  note?: string;
};
