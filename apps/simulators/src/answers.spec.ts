import { describe, expect, it } from '@jest/globals';
import { loadContracts, type DeliveredEnvelope } from '#contracts';
import { answerTo } from './answers.js';

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

describe('what a simulator answers', () => {
  it.each([
    ['nkm', 'referral.submitted', 'triage.outcome'],
    ['nkm', 'step-down.requested', 'step.decision'],
    ['nkm', 'risk.alert', 'risk.acknowledged'],
    ['salus', 'step-up.requested', 'step.decision'],
    ['salus', 'intervention.requested', 'request.decision'],
    ['nelft', 'step-up.requested', 'step.decision'],
    ['ylf', 'intervention.requested', 'request.decision'],
  ])('%s answers %s with a valid %s that names its cause', (partner, asked, answered) => {
    const copy = aCopy(asked);
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
