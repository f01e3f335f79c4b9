import type { FaultCode } from '#contracts';
import type * as fhir4 from 'fhir/r4.js';

/** Something that is wrong with a bundle, said so that its sender can mend it. */
export interface Complaint {
  /** FHIR's own sort of issue. */
  issue: fhir4.OperationOutcomeIssue['code'];
  /** What is wrong and what to do; never a value of the bundle. */
  diagnostics: string;
  /** JSON Pointer into the bundle. */
  pointer?: string;
  /** Left out: `contract/fhir`. */
  fault?: FaultCode;
}
