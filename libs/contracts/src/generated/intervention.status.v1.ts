// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Day, Code } from './shared.v1.js';

/**
 * How far one intervention has come. The provider says it on every change, and once a month in any case.
 */
export type InterventionStatusV1 = {
  /**
   * The service.
   */
  serviceCode: Code;
  /**
   * Where it stands.
   */
  status: 'started' | 'in-progress' | 'paused' | 'resumed' | 'ended-early';
  /**
   * Since when.
   */
  on: Day;
  /**
   * Role of the worker.
   */
  workerRole?: string;
  /**
   * Sessions so far.
   */
  sessionsSoFar?: number;
  /**
   * Whether something about risk was noted; a risk alert is sent of its own.
   */
  riskNoted?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Why it is paused or ended early.
   */
  reason?: string;
  /**
   * When it is to go on.
   */
  expectedToResumeOn?: DateOrAnswer;
  /**
   * What is worked on.
   */
  plan?: string;
};
