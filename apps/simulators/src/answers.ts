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
  data: decided(scene, { earliestStart: day(scene.now) }),
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

const takeRiskOn: Say = ({ now }) => ({
  type: 'risk.acknowledged',
  data: {
    by: { name: 'Sam Example', role: 'duty clinician' },
    at: now.toISOString(),
    action: 'Calling the family now.',
    continues: true,
  },
});

const provider = { 'intervention.requested': [decideRequest], 'step-up.requested': [decideStep] };
const specialist = { 'step-up.requested': [decideStep] };

/** Who answers what. Kooth's users are anonymous, so that it can promise nobody anything. */
const ANSWERS: Record<string, Record<string, readonly Say[]>> = {
  nkm: {
    'referral.submitted': [triage],
    'step-down.requested': [decideStep],
    'risk.alert': [takeRiskOn],
  },
  salus: provider,
  'salus-kent': provider,
  'bfb-labs': { 'intervention.requested': [decideRequest] },
  ylf: provider,
  barratt: { 'intervention.requested': [decideRequest] },
  mhst: provider,
  nelft: specialist,
  kmpt: specialist,
  crisis: { 'risk.alert': [takeRiskOn], 'step-up.requested': [decideStep] },
  safeguarding: { 'risk.alert': [takeRiskOn] },
};
