import type { Sheet } from './sheet.js';

/** How one contract looks as FHIR resources. */
export interface Representation {
  /** What the message is about, its focus, and then the rest, in the order of the bundle. */
  sheets: readonly [Sheet, ...Sheet[]];
  /** The message answers another: `causationid` travels as `MessageHeader.response`. */
  answers?: true;
  /** Types of resources that may travel along and are not read. */
  context?: readonly string[];
  /** R8: whatever is wrong beside the bare shape of a message is a finding and no reason to refuse. */
  safety?: true;
}
