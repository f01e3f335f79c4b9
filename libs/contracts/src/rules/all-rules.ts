import { ageBand } from './age-band.js';
import { assessmentCompletedRules } from './assessment.completed.js';
import { carePlanPublishedRules } from './care-plan.published.js';
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
import { interventionRequestedRules } from './intervention.requested.js';
import { interventionStatus } from './intervention.status.js';
import { messageRecalled } from './message.recalled.js';
import { outcomeMeasureRules } from './outcome.measure.js';
import { referralClassifiedRules } from './referral.classified.js';
import { referralLinkedRules } from './referral.linked.js';
import { referralMisdirectedRules } from './referral.misdirected.js';
import { referralRedirectedRules } from './referral.redirected.js';
import { referralSubmittedRules } from './referral.submitted.js';
import { riskClosed } from './risk.closed.js';
import type { Rule } from './rule.js';
import { safeguardingOutcome } from './safeguarding.outcome.js';
import { safeguardingReferral } from './safeguarding.referral.js';
import { safetyPlanShared, safetyPlanWithdrawn } from './safety-plan.js';
import { serviceStatus } from './service.status.js';
import { subjectUpdated } from './subject.updated.js';
import { triageOutcomeRules } from './triage.outcome.js';
import { waitingStatusRules } from './waiting.status.js';

/** Every rule there is, by message type. A type's rules stand in the file of its name. */
export const RULES: readonly Rule[] = [
  ageBand,
  ...assessmentCompletedRules,
  ...carePlanPublishedRules,
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
  ...interventionRequestedRules,
  ...interventionStatus,
  ...messageRecalled,
  ...outcomeMeasureRules,
  ...referralClassifiedRules,
  ...referralLinkedRules,
  ...referralMisdirectedRules,
  ...referralRedirectedRules,
  ...referralSubmittedRules,
  ...riskClosed,
  ...safeguardingOutcome,
  ...safeguardingReferral,
  ...safetyPlanShared,
  ...safetyPlanWithdrawn,
  ...serviceStatus,
  ...subjectUpdated,
  ...triageOutcomeRules,
  ...waitingStatusRules,
];
