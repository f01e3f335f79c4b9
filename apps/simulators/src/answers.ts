import { randomUUID } from 'node:crypto';
import { sourceOfPartner, type DeliveredEnvelope, type Envelope } from '#contracts';

interface Answer {
  type: string;
  data: Record<string, unknown>;
}

/**
 * The business answer of a partner to a copy, as a new message that names it; undefined where nobody asks this partner:
 * a front door reads a step-up to somebody else for information only.
 */
export function answerTo(partner: string, copy: DeliveredEnvelope, now: Date): Envelope | undefined {
  const contract = /^mta\.(.+)\.v1$/.exec(copy.type)?.[1] ?? '';
  const answer = ANSWERS[partner]?.[contract]?.(now);
  if (!answer) return undefined;
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

const day = (now: Date): string => now.toISOString().slice(0, 10);

const acceptStep = (now: Date): Answer => ({
  type: 'step.decision',
  data: { decision: 'accepted', decidedAt: now.toISOString(), decidedBy: 'team lead', ownerFrom: day(now) },
});

const acceptRequest = (now: Date): Answer => ({
  type: 'request.decision',
  data: {
    decision: 'accepted',
    decidedAt: now.toISOString(),
    decidedBy: 'team lead',
    earliestStart: day(now),
  },
});

const triage = (now: Date): Answer => ({
  type: 'triage.outcome',
  data: {
    outcome: 'assessment',
    decidedAt: now.toISOString(),
    decidedBy: 'screening lead',
    class: 'routine',
    nextStep: 'An assessment is being arranged.',
    nextStepBy: day(new Date(now.getTime() + 28 * 86_400_000)),
    explanation: 'Thank you for telling us. We would like to meet and find out together what helps.',
  },
});

const takeRiskOn = (now: Date): Answer => ({
  type: 'risk.acknowledged',
  data: {
    by: { name: 'Sam Example', role: 'duty clinician' },
    at: now.toISOString(),
    action: 'Calling the family now.',
    continues: true,
  },
});

const ANSWERS: Record<string, Record<string, (now: Date) => Answer>> = {
  nkm: { 'referral.submitted': triage, 'step-down.requested': acceptStep, 'risk.alert': takeRiskOn },
  salus: { 'step-up.requested': acceptStep, 'intervention.requested': acceptRequest },
  nelft: { 'step-up.requested': acceptStep },
  ylf: { 'intervention.requested': acceptRequest, 'step-up.requested': acceptStep },
};
