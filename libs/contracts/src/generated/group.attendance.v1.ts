// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Day, Code } from './shared.v1.js';

/**
 * Who came to one session of a group: one person by name of the case, or a count without anybody. To have been there can tell much, so a row of a person is guarded as what it tells.
 */
export type GroupAttendanceV1 = {
  /**
   * Whether it speaks of one person or counts.
   */
  kind: 'named' | 'count';
  /**
   * The day of the session.
   */
  sessionOn: Day;
  /**
   * Where it took place.
   */
  venue: 'office' | 'family-hub' | 'school' | 'community' | 'online' | 'other';
  /**
   * The count of an open group: no person stands in it.
   */
  counted?: {
    /**
     * The group.
     */
    group: Code;
    /**
     * What the group is about.
     */
    theme: Code;
    /**
     * Whom it counts.
     */
    attendeeKind: 'young-person' | 'carer';
    /**
     * How many came.
     */
    attendees: number;
  };
  /**
   * One person's attendance.
   */
  person?: {
    /**
     * The group; its name can tell why somebody is there.
     */
    group: Code;
    /**
     * What the group is about.
     */
    theme: Code;
    /**
     * Whether it is the young person or somebody who cares for them.
     */
    attendeeKind: 'young-person' | 'carer';
    /**
     * Whether they came.
     */
    attended: Code;
    /**
     * The name on the sign-in sheet, where it is another.
     */
    alias?: string;
    /**
     * Whether they want to be spoken with.
     */
    followUpWanted?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  };
};
