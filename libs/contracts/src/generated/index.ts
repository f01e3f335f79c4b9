// Generated from schemas/ by `npm run generate`. Change the schema, not this file.

export type { ConsentChangedV1 } from './consent.changed.v1.js';
export type { CrisisDispositionV1 } from './crisis.disposition.v1.js';
export type { CrisisReferralV1 } from './crisis.referral.v1.js';
export type { DischargeSummaryV1 } from './discharge.summary.v1.js';
export type { HandoverCompletedV1 } from './handover.completed.v1.js';
export type { HandoverConversationHeldV1 } from './handover.conversation-held.v1.js';
export type { HandoverInitiatedV1 } from './handover.initiated.v1.js';
export type { HubReceiptV1 } from './hub.receipt.v1.js';
export type { InterventionRequestedV1 } from './intervention.requested.v1.js';
export type { OutcomeMeasureV1 } from './outcome.measure.v1.js';
export type { ReferralSubmittedV1 } from './referral.submitted.v1.js';
export type { RequestDecisionV1 } from './request.decision.v1.js';
export type { RiskAcknowledgedV1 } from './risk.acknowledged.v1.js';
export type { RiskAlertV1 } from './risk.alert.v1.js';
export type { RiskClosedV1 } from './risk.closed.v1.js';
export type { SafeguardingOutcomeV1 } from './safeguarding.outcome.v1.js';
export type { SafeguardingReferralV1 } from './safeguarding.referral.v1.js';
export type { StepDownRequestedV1 } from './step-down.requested.v1.js';
export type { StepUpRequestedV1 } from './step-up.requested.v1.js';
export type { StepDecisionV1 } from './step.decision.v1.js';
export type { TriageOutcomeV1 } from './triage.outcome.v1.js';
export type * from './shared.v1.js';
