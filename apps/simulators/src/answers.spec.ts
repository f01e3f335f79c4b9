import { describe, expect, it } from '@jest/globals';
import { loadContracts, type DeliveredEnvelope, type Envelope } from '#contracts';
import { answersOwed, answerTo } from './answers.js';

const contracts = loadContracts();
const now = new Date('2026-04-01T09:00:00Z');

const aCopy = (type: string, more: Partial<DeliveredEnvelope> = {}): DeliveredEnvelope => ({
  specversion: '1.0',
  id: '0198c0de-0000-7000-8000-000000000001',
  source: '/partners/ylf',
  type: `mta.${type}.v1`,
  deliveryid: '0198c0de-0000-7000-8000-000000000002',
  caseref: 'MTA-0000-0000-0',
  data: {},
  ...more,
});

const problemsOf = (answer: Envelope | undefined, type: string): unknown[] => {
  const contract = contracts.get(`mta.${type}.v1`);
  if (!answer || !contract || answer.type !== contract.name) return [`no ${type}`];
  return [...contracts.validateEnvelope(answer), ...contracts.validate(contract, answer)];
};

describe('what a simulator answers', () => {
  it.each([
    ['nkm', 'referral.submitted', 'triage.outcome'],
    ['nkm', 'step-down.requested', 'step.decision'],
    ['nkm', 'risk.alert', 'risk.acknowledged'],
    ['salus', 'step-up.requested', 'step.decision'],
    ['salus', 'intervention.requested', 'request.decision'],
    ['nelft', 'step-up.requested', 'step.decision'],
    ['ylf', 'intervention.requested', 'request.decision'],
    ['kooth', 'intervention.requested', 'request.decision'],
    ['bfb-labs', 'intervention.requested', 'request.decision'],
    ['barratt', 'intervention.requested', 'request.decision'],
    ['chums', 'intervention.requested', 'request.decision'],
    ['camhs', 'step-up.requested', 'step.decision'],
    ['crisis', 'crisis.referral', 'risk.acknowledged'],
    ['safeguarding', 'safeguarding.referral', 'risk.acknowledged'],
    ['salus-kent', 'referral.redirected', 'referral.redirected.accepted'],
    ['salus-kent', 'step-down.requested', 'step.decision'],
    ['mhst', 'referral.redirected', 'referral.redirected.accepted'],
    ['referrers', 'referral.info-requested', 'referral.info-supplied'],
  ])('%s answers %s with a valid %s that names its cause', (partner, asked, answered) => {
    const copy = aCopy(asked, { data: { questions: [{ field: 'dateOfBirth' }] } });
    const answer = answerTo(partner, copy, now);
    expect(answer).toMatchObject({
      type: `mta.${answered}.v1`,
      source: `/partners/${partner}`,
      causationid: copy.id,
      caseref: copy.caseref,
    });
    expect(contracts.validateEnvelope(answer)).toEqual([]);
    const contract = contracts.get(`mta.${answered}.v1`);
    expect(contract && answer && contracts.validate(contract, answer)).toEqual([]);
    expect(contracts.get(`mta.${asked}.v1`)?.answers).toContain(answered);
  });

  it.each([
    ['crisis', 'crisis.referral', 'crisis.disposition'],
    ['safeguarding', 'safeguarding.referral', 'safeguarding.outcome'],
    ['bfb-labs', 'intervention.requested', 'digital.engagement'],
  ])('%s says later what came of %s, as a valid %s', (partner, asked, answered) => {
    const copy = aCopy(asked);
    expect(answersOwed(partner, copy)).toBe(2);
    expect(problemsOf(answerTo(partner, copy, now, { place: 1 }), answered)).toEqual([]);
  });

  it.each([
    ['salus', 'step-up.requested', 'step.decision'],
    ['ylf', 'intervention.requested', 'request.decision'],
    ['salus-kent', 'referral.redirected', 'referral.redirected.declined'],
  ])('%s declines %s with an alternative, when told to, as a valid %s', (partner, asked, answered) => {
    const answer = answerTo(partner, aCopy(asked), now, { decision: 'declined' });
    expect(problemsOf(answer, answered)).toEqual([]);
    expect(answer?.data).toMatchObject({ decision: 'declined', alternative: expect.anything() });
  });

  it.each(['accepted-waiting', 'need-info'] as const)('answers %s when told to', (decision) => {
    const answer = answerTo('salus', aCopy('step-up.requested'), now, { decision });
    expect(problemsOf(answer, 'step.decision')).toEqual([]);
    expect(answer?.data).toMatchObject({ decision });
  });

  it('decides by the case: the same for one case, and not the same for all', () => {
    const decide = (n: number): unknown =>
      answerTo('salus', aCopy('step-up.requested', { caseref: `MTA-0000-000${n}-0` }), now, {
        decision: 'by-case',
      })?.data;
    expect(decide(1)).toEqual(decide(1));
    const kinds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => (decide(n) as { decision: string }).decision);
    expect(new Set(kinds)).toEqual(new Set(['accepted', 'accepted-waiting', 'declined']));
  });

  it.each([
    ['nkm', 'step-up.requested'],
    ['nkm', 'outcome.measure'],
    ['salus', 'step.decision'],
    ['referrers', 'triage.outcome'],
  ])('%s does not answer %s, which does not ask it', (partner, type) => {
    expect(answerTo(partner, aCopy(type), now)).toBeUndefined();
  });

  it('answers a test message with a test message', () => {
    expect(answerTo('salus', aCopy('step-up.requested', { testflag: true }), now)?.testflag).toBe(true);
  });
});
