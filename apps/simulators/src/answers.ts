import { createHash, randomUUID } from 'node:crypto';
import { sourceOfPartner, type DeliveredEnvelope, type Envelope } from '#contracts';
import type { DecisionKnob } from './knobs.js';

type Decision = Exclude<DecisionKnob, 'by-case'>;

/** What an answer is made from. */
interface Scene {
  copy: DeliveredEnvelope;
  now: Date;
  decision: Decision;
}

interface Answer {
  type: string;
  data: Record<string, unknown>;
}

type Say = (scene: Scene) => Answer;

/** How many answers a copy is owed: a crisis team first says who has it, and later what came of it. */
export function answersOwed(partner: string, copy: DeliveredEnvelope): number {
  return saysOf(partner, copy).length;
}

/**
 * One business answer of a partner to a copy, as a new message that names it; undefined where nobody asks this partner:
 * a front door reads a step-up to somebody else for information only.
 * @param place 0 for the first of the answers that the copy is owed
 */
export function answerTo(
  partner: string,
  copy: DeliveredEnvelope,
  now: Date,
  { decision = 'accepted', place = 0 }: { decision?: DecisionKnob; place?: number } = {},
): Envelope | undefined {
  const say = saysOf(partner, copy)[place];
  if (!say) return undefined;
  const answer = say({ copy, now, decision: decision === 'by-case' ? byCase(copy) : decision });
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: sourceOfPartner(partner),
    type: `mta.${answer.type}.v1`,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    ...(copy.caseref && { caseref: copy.caseref }),
    ...(copy.testflag && { testflag: true }),
    causationid: copy.id,
    data: answer.data,
  };
}

function saysOf(partner: string, copy: DeliveredEnvelope): readonly Say[] {
  const type = /^mta\.(.+)\.v1$/.exec(copy.type)?.[1] ?? '';
  return ANSWERS[partner]?.[type] ?? [];
}

/** Always the same for a case, and all three among a handful of cases. */
function byCase({ caseref, id }: DeliveredEnvelope): Decision {
  const byte = createHash('sha256')
    .update(caseref ?? id)
    .digest()[0];
  return (['accepted', 'accepted-waiting', 'declined'] as const)[(byte ?? 0) % 3] ?? 'accepted';
}

const day = (now: Date, later = 0): string =>
  new Date(now.getTime() + later * 86_400_000).toISOString().slice(0, 10);

/** What every decision says, whoever takes it. */
const decided = ({ now, decision }: Scene, yes: Record<string, unknown>): Record<string, unknown> => ({
  decision,
  decidedAt: now.toISOString(),
  decidedBy: 'team lead',
  ...(decision === 'accepted' && yes),
  ...(decision === 'accepted-waiting' && { weeksToWait: 4 }),
  ...(decision === 'need-info' && { questions: ['Which evenings suit?'] }),
  ...(decision === 'declined' && {
    reason: 'no-capacity',
    alternative: { kind: 'later', description: 'A place is free in six weeks; please ask again then.' },
  }),
});

const decideStep: Say = (scene) => ({
  type: 'step.decision',
  data: decided(scene, { ownerFrom: day(scene.now) }),
});

const decideRequest: Say = (scene) => ({
  type: 'request.decision',
  data: {
    ...decided(scene, { earliestStart: day(scene.now) }),
    ...(scene.decision === 'accepted-waiting' && { earliestStart: day(scene.now, 28) }),
  },
});

const triage: Say = ({ now }) => ({
  type: 'triage.outcome',
  data: {
    outcome: 'assessment',
    decidedAt: now.toISOString(),
    decidedBy: 'screening lead',
    class: 'routine',
    nextStep: 'An assessment is being arranged.',
    nextStepBy: day(now, 28),
    explanation: 'Thank you for telling us. We would like to meet and find out together what helps.',
  },
});

const takeIn: Say = ({ now }) => ({
  type: 'referral.acknowledged',
  data: {
    receivedAt: now.toISOString(),
    nextSteps: 'Somebody who knows the services reads it and rings.',
    byWhen: day(now, 7),
    crisisRoutes: [
      { name: 'Emergency', route: '999', hours: 'Day and night' },
      { name: 'NHS 111, option 2', route: '111', hours: 'Day and night' },
    ],
    callUs: { role: 'Front door', telephone: '01632 960100' },
  },
});

const takeRiskOn: Say = ({ now }) => ({
  type: 'risk.acknowledged',
  data: {
    by: { name: 'Sam Example', role: 'duty clinician' },
    at: now.toISOString(),
    action: 'Calling the family now.',
    continues: true,
  },
});

const duty = { name: 'Sam Example', role: 'duty clinician', callback: '01632 960111' };

const dispose: Say = ({ now }) => ({
  type: 'crisis.disposition',
  data: {
    disposition: 'accepted',
    receivedAt: now.toISOString(),
    decidedAt: now.toISOString(),
    by: duty,
    summary: 'Seen today at home with the family.',
  },
});

const concludeSafeguarding: Say = ({ now }) => ({
  type: 'safeguarding.outcome',
  data: {
    outcome: 'enquiry',
    decidedAt: now.toISOString(),
    by: { ...duty, role: 'social worker' },
    summary: 'An enquiry has begun. A social worker is named tomorrow.',
    reviewOn: day(now, 14),
  },
});

const takeRedirect: Say = (scene) => {
  const { decision: _, ...declined } = decided({ ...scene, decision: 'declined' }, {});
  return scene.decision === 'declined'
    ? { type: 'referral.redirected.declined', data: { decision: 'declined', ...declined } }
    : {
        type: 'referral.redirected.accepted',
        data: {
          decision: 'accepted',
          decidedAt: scene.now.toISOString(),
          decidedBy: 'intake lead',
          firstContactBy: day(scene.now, 7),
        },
      };
};

/** Every question by its field; what nobody knows is an answer too. */
const supplyInfo: Say = ({ copy, now }) => {
  const { questions = [] } = (copy.data ?? {}) as { questions?: { field?: string }[] };
  return {
    type: 'referral.info-supplied',
    data: {
      answers: questions.map(({ field = 'other' }) => ({ field, status: 'unknown' })),
      suppliedAt: now.toISOString(),
      suppliedBy: 'school office',
    },
  };
};

/** The first week of the game, once the family has activated it. */
const playFirstWeek: Say = ({ now }) => ({
  type: 'digital.engagement',
  data: {
    kind: 'person',
    period: { from: day(now, -7), until: day(now, -1) },
    person: { activated: 'yes', sessions: 3, level: '3', lastUsedOn: day(now, -1), droppedOut: 'no' },
  },
});

const provider = { 'intervention.requested': [decideRequest], 'step-up.requested': [decideStep] };
const specialist = { 'step-up.requested': [decideStep] };
const crisis = { 'crisis.referral': [takeRiskOn, dispose], 'risk.alert': [takeRiskOn] };
const receivesRedirects = { 'referral.redirected': [takeRedirect] };

/** Who answers what: what its role is asked for, and nothing that reaches it for information only. */
const ANSWERS: Record<string, Record<string, readonly Say[]>> = {
  nkm: {
    'referral.submitted': [triage],
    'referral.misdirected': [takeIn],
    'step-down.requested': [decideStep],
    'risk.alert': [takeRiskOn],
  },
  kooth: { 'intervention.requested': [decideRequest] },
  'bfb-labs': { 'intervention.requested': [decideRequest, playFirstWeek] },
  salus: provider,
  'salus-kent': {
    ...receivesRedirects,
    'referral.info-requested': [supplyInfo],
    'step-down.requested': [decideStep],
  },
  ylf: provider,
  chums: { 'intervention.requested': [decideRequest] },
  barratt: { 'intervention.requested': [decideRequest] },
  mhst: { ...specialist, ...receivesRedirects },
  nelft: specialist,
  camhs: { ...specialist, 'crisis.referral': [takeRiskOn, dispose] },
  kmpt: specialist,
  crisis: { ...crisis, ...specialist },
  safeguarding: { 'safeguarding.referral': [takeRiskOn, concludeSafeguarding] },
  referrers: { 'referral.info-requested': [supplyInfo] },
};
