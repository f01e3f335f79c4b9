// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Referral } from './shared.v1.js';

/**
 * Somebody asks for help for a young person. A half-empty referral is taken and then completed, never bounced.
 */
export type ReferralSubmittedV1 = Referral;
