import { ageBand } from './age-band.js';
import { contactRecorded } from './contact.recorded.js';
import { crisisDisposition } from './crisis.disposition.js';
import { crisisReferral } from './crisis.referral.js';
import { digitalEngagement } from './digital.engagement.js';
import { dischargeSummary } from './discharge.summary.js';
import { documentShared } from './document.shared.js';
import { groupAttendance } from './group.attendance.js';
import { handoverCompleted, handoverConversationHeld } from './handover.js';
import { identityLink, identityUnlink } from './identity.js';
import { interventionCompleted } from './intervention.completed.js';
import { interventionStatus } from './intervention.status.js';
import { messageRecalled } from './message.recalled.js';
import { riskClosed } from './risk.closed.js';
import { safeguardingOutcome } from './safeguarding.outcome.js';
import { safeguardingReferral } from './safeguarding.referral.js';
import { safetyPlanShared, safetyPlanWithdrawn } from './safety-plan.js';
import { serviceStatus } from './service.status.js';
import { subjectUpdated } from './subject.updated.js';
import type { Rule } from './rule.js';

/** Every rule there is, by message type. A type's rules stand in the file of its name. */
export const RULES: readonly Rule[] = [
  ageBand,
  ...contactRecorded,
  ...crisisDisposition,
  ...crisisReferral,
  ...digitalEngagement,
  ...dischargeSummary,
  ...documentShared,
  ...groupAttendance,
  ...handoverCompleted,
  ...handoverConversationHeld,
  ...identityLink,
  ...identityUnlink,
  ...interventionCompleted,
  ...interventionStatus,
  ...messageRecalled,
  ...riskClosed,
  ...safeguardingOutcome,
  ...safeguardingReferral,
  ...safetyPlanShared,
  ...safetyPlanWithdrawn,
  ...serviceStatus,
  ...subjectUpdated,
];
