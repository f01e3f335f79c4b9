import { consent } from './consent.js';
import { phone, soleContact } from './contact-point.js';
import { CODES, codesOf, IDS } from './names.js';
import { measure, measures, narratives, priorityFlags, professional, riskFlags, tried } from './parts.js';
import { communicationLinks, patient } from './person.js';
import { code, coded, codedAmong, dateTime, identifier, text } from './shapes.js';
import { link, type Link, type Sheet } from './sheet.js';
import { copies, decision, question, receipt, riskAnswer, triage } from './tasks.js';

/** How one contract looks as FHIR resources. */
export interface Representation {
  /** What the message is about, its focus, and then the rest, in the order of the bundle. */
  sheets: readonly [Sheet, ...Sheet[]];
  /** The message answers another: `causationid` travels as `MessageHeader.response`. */
  answers?: true;
  /** R8: whatever is wrong beside the bare shape of a message is a finding and no reason to refuse. */
  safety?: true;
}

/** What is asked for. The status is always `active`: a `revoked` one would be a cancellation, which none of ours is. */
const request = (useCase: string, ...links: Link[]): Sheet => ({
  name: 'request',
  resourceType: 'ServiceRequest',
  fixed: (refer) => ({
    status: 'active',
    intent: 'plan',
    category: [{ coding: [{ system: CODES.useCase, code: useCase }] }],
    subject: refer('patient'),
  }),
  always: true,
  links: [link('/caseref', 'requisition', identifier(IDS.caseReference)), ...links],
});
const to = link('/data/to', 'performerType', coded(codesOf('role')));
const urgency = link('/data/urgency', 'priority', code({ routine: 'routine', urgent: 'urgent' }));

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
    tried,
    measures,
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

const riskAlert: Representation = {
  safety: true,
  sheets: [
    {
      name: 'alert',
      resourceType: 'Communication',
      fixed: (refer) => ({
        status: 'completed',
        category: [{ coding: [{ system: CODES.useCase, code: 'risk-alert' }] }],
        subject: refer('patient'),
      }),
      always: true,
      links: [
        link('/data/concern', 'payload.0.contentString', text),
        link('/data/immediacy', 'priority', code({ now: 'stat', today: 'asap', soon: 'urgent' })),
        link('/data/observedAt', 'sent', dateTime),
      ],
    },
    patient('/data/about/person'),
    ...riskFlags,
    ...narratives('risk.summary', 'about.locator', 'callback'),
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
