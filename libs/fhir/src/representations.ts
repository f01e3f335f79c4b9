import { dischargeSummary } from './closing.js';
import { crisisReferral, riskAlert, riskClosed, safeguardingReferral } from './concerns.js';
import { consent } from './consent.js';
import { phone, soleContact } from './contact-point.js';
import { conversationHeld, handoverCompleted, handoverInitiated } from './handovers.js';
import { codesOf } from './names.js';
import {
  coordinatorAssigned,
  documentShared,
  messageRecalled,
  safetyPlanWithdrawn,
  serviceStatus,
  subjectUpdated,
} from './notices.js';
import {
  measure,
  measuresAt,
  narratives,
  priorityFlags,
  professional,
  riskFlags,
  supportsAt,
} from './parts.js';
import { communicationLinks, patient } from './person.js';
import { assessmentCompleted, carePlanPublished, safetyPlanShared } from './plans.js';
import type { Representation } from './representation.js';
import { request, to, urgency } from './request.js';
import { coded, codedAmong, text } from './shapes.js';
import { link } from './sheet.js';
import {
  copies,
  decision,
  disposition,
  question,
  receipt,
  riskAnswer,
  safeguardingOutcome,
  triage,
} from './tasks.js';

const stepUp: Representation = {
  sheets: [
    request(
      'step-up',
      to,
      urgency,
      link('/data/reason', 'reasonCode', codedAmong(codesOf('step-up-reason'))),
    ),
    question,
    patient('/data/person', communicationLinks),
    consent('/data/consent', 'recordedAt'),
    ...riskFlags,
    ...narratives('currentStatus', 'whatHelped', 'risk.summary', 'plan'),
    supportsAt('/data/tried'),
    measuresAt('/data/measures'),
    professional('contact', '/data/contact', soleContact('/data/contact/contact')),
  ],
};

const stepDown: Representation = {
  sheets: [
    request('step-down', to, link('/data/reason', 'reasonCode', codedAmong(codesOf('step-down-reason')))),
    question,
    patient('/data/person', communicationLinks),
    consent('/data/consent', 'recordedAt'),
    ...riskFlags,
    ...priorityFlags,
    ...narratives('treatmentSummary', 'risk.summary', 'wishes', 'plan', 'medication', 'educationPlan'),
    professional('contact', '/data/contact', soleContact('/data/contact/contact')),
  ],
};

const referral: Representation = {
  sheets: [
    request('referral', link('/data/reason', 'reasonCode.0.text', text)),
    question,
    patient('/data/person', communicationLinks),
    consent('/data/consent', 'recordedAt'),
    ...riskFlags,
    ...priorityFlags,
    ...narratives('risk.summary'),
    professional('referrer', '/data/referrer', soleContact('/data/referrer/contact')),
  ],
};

const intervention: Representation = {
  sheets: [
    request(
      'intervention',
      to,
      urgency,
      link('/data/serviceCode', 'code', coded(codesOf('service'))),
      link('/data/needSummary', 'reasonCode.0.text', text),
    ),
    question,
    patient('/data/person', communicationLinks),
    consent('/data/consent', 'recordedAt'),
    ...narratives('goal', 'planExcerpt', 'carerInvolvement'),
  ],
};

/** Every message that has a FHIR form, by its envelope's type. */
export const REPRESENTATIONS: Readonly<Record<string, Representation>> = {
  'mta.step-up.requested.v1': stepUp,
  'mta.step-down.requested.v1': stepDown,
  'mta.step.decision.v1': { answers: true, sheets: [decision('ownerFrom', 'interimSupport')] },
  'mta.referral.submitted.v1': referral,
  'mta.triage.outcome.v1': {
    answers: true,
    sheets: [triage],
  },
  'mta.intervention.requested.v1': intervention,
  'mta.request.decision.v1': { answers: true, sheets: [decision('earliestStart', 'capacityNote')] },
  'mta.risk.alert.v1': riskAlert,
  'mta.risk.closed.v1': riskClosed,
  'mta.crisis.referral.v1': crisisReferral,
  'mta.crisis.disposition.v1': {
    answers: true,
    safety: true,
    sheets: [
      disposition,
      patient(),
      ...riskFlags,
      ...narratives('risk.summary'),
      professional('by', '/data/by', phone('/data/by/callback')),
    ],
  },
  'mta.safeguarding.referral.v1': safeguardingReferral,
  'mta.safeguarding.outcome.v1': {
    answers: true,
    safety: true,
    sheets: [safeguardingOutcome, professional('by', '/data/by', phone('/data/by/callback'))],
  },
  'mta.assessment.completed.v1': assessmentCompleted,
  'mta.care-plan.published.v1': carePlanPublished,
  'mta.handover.initiated.v1': handoverInitiated,
  'mta.handover.conversation-held.v1': conversationHeld,
  'mta.handover.completed.v1': handoverCompleted,
  'mta.discharge.summary.v1': dischargeSummary,
  'mta.safety-plan.shared.v1': safetyPlanShared,
  'mta.safety-plan.withdrawn.v1': safetyPlanWithdrawn,
  'mta.subject.updated.v1': subjectUpdated,
  'mta.document.shared.v1': documentShared,
  'mta.message.recalled.v1': messageRecalled,
  'mta.coordinator.assigned.v1': coordinatorAssigned,
  'mta.service.status.v1': serviceStatus,
  'mta.risk.acknowledged.v1': {
    answers: true,
    safety: true,
    sheets: [riskAnswer, professional('by', '/data/by', phone('/data/by/callback'))],
  },
  'mta.consent.changed.v1': { sheets: [consent('/data', 'effectiveAt'), patient()] },
  'mta.outcome.measure.v1': { sheets: [measure, patient()] },
  'mta.hub.receipt.v1': { answers: true, sheets: [receipt, copies] },
};

export const representationOf = (type: string): Representation | undefined =>
  Object.hasOwn(REPRESENTATIONS, type) ? REPRESENTATIONS[type] : undefined;
