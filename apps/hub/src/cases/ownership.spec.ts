import { describe, expect, it } from '@jest/globals';
import { isFinalDecision, ownerAfter, type OwnershipInput } from './ownership.js';

/** Salus, asked to take a case over from YLF, accepts from 1 June. */
function anAcceptance(deviation: Partial<OwnershipInput> = {}): OwnershipInput {
  return {
    type: 'step.decision',
    case: 'joins',
    data: { decision: 'accepted', ownerFrom: '2026-06-01' },
    area: 'medway',
    senderRoles: ['mentoring-intensive'],
    cause: { type: 'step-up.requested', asked: ['mentoring-intensive'], decided: false },
    owner: 'mentoring-peer',
    ...deviation,
  };
}
const cause = (deviation: Partial<NonNullable<OwnershipInput['cause']>>): Partial<OwnershipInput> => ({
  cause: { type: 'step-up.requested', asked: ['mentoring-intensive'], decided: false, ...deviation },
});

describe('ownership moves', () => {
  it.each<[string, OwnershipInput, { owner: string; from?: string }]>([
    ['to who accepts a step-up', anAcceptance(), { owner: 'mentoring-intensive', from: '2026-06-01' }],
    [
      'at once where the acceptance names no day',
      anAcceptance({ data: { decision: 'accepted' } }),
      { owner: 'mentoring-intensive' },
    ],
    [
      'to the front door when it accepts a step-down',
      anAcceptance({
        owner: 'specialist-community',
        senderRoles: ['front-door', 'clinical-lead'],
        ...cause({ type: 'step-down.requested', asked: ['front-door'] }),
      }),
      { owner: 'front-door', from: '2026-06-01' },
    ],
    [
      'after a wait, from the day that the receiver names',
      anAcceptance({ data: { decision: 'accepted-waiting', ownerFrom: '2026-07-01' } }),
      { owner: 'mentoring-intensive', from: '2026-07-01' },
    ],
    [
      'to who accepts a redirect',
      anAcceptance({
        type: 'referral.redirected.accepted',
        owner: 'front-door',
        senderRoles: ['kent-front-door'],
        ...cause({ type: 'referral.redirected', asked: ['kent-front-door'] }),
      }),
      { owner: 'kent-front-door', from: '2026-06-01' },
    ],
    [
      'to the front door where nobody owned the case',
      anAcceptance({
        type: 'referral.submitted',
        case: 'opens',
        data: {},
        owner: undefined,
        cause: undefined,
      }),
      { owner: 'front-door' },
    ],
    [
      'to Kent’s front door where nobody owned a case of Kent',
      anAcceptance({ case: 'opens', area: 'kent', data: {}, owner: undefined, cause: undefined }),
      { owner: 'kent-front-door' },
    ],
    [
      'back to Kent’s front door when it accepts a step-down',
      anAcceptance({
        area: 'kent',
        data: { decision: 'accepted' },
        owner: 'specialist-community',
        senderRoles: ['kent-front-door'],
        ...cause({ type: 'step-down.requested', asked: ['kent-front-door'] }),
      }),
      { owner: 'kent-front-door' },
    ],
    [
      'to the front door for a case that an unknown reference made',
      anAcceptance({ type: 'outcome.measure', case: 'joins', data: {}, owner: undefined, cause: undefined }),
      { owner: 'front-door' },
    ],
  ])('%s', (_case, input, expected) => {
    expect(ownerAfter(input)).toEqual(expected);
  });
});

describe('ownership stays', () => {
  it('where a redirect is declined, or what accepts it was not asked for that', () => {
    const redirected = {
      owner: 'front-door',
      senderRoles: ['kent-front-door'],
      ...cause({ type: 'referral.redirected', asked: ['kent-front-door'] }),
    };
    const declined = anAcceptance({
      ...redirected,
      type: 'referral.redirected.declined',
      data: { decision: 'declined' },
    });
    expect(ownerAfter(declined)).toBeUndefined();
    expect(ownerAfter(anAcceptance({ ...redirected, type: 'step.decision' }))).toBeUndefined();
    expect(isFinalDecision('referral.redirected.declined', { decision: 'declined' })).toBe(true);
  });

  it.each<[string, OwnershipInput]>([
    [
      'when a step-up is only sent',
      anAcceptance({ type: 'step-up.requested', case: 'opens', cause: undefined }),
    ],
    [
      'when a referral joins a case that is owned',
      anAcceptance({ type: 'referral.submitted', case: 'opens', data: {} }),
    ],
    ['on a decline', anAcceptance({ data: { decision: 'declined' } })],
    ['on a question back', anAcceptance({ data: { decision: 'need-info' } })],
    ['on a wait without a day', anAcceptance({ data: { decision: 'accepted-waiting' } })],
    ['when somebody accepts who was not asked', anAcceptance({ senderRoles: ['front-door'] })],
    ['on a second decision: the first binds', anAcceptance(cause({ decided: true }))],
    ['on an answer to an unknown cause', anAcceptance({ cause: undefined })],
    ['on an answer to something else', anAcceptance(cause({ type: 'intervention.requested' }))],
    ['when a provider accepts to deliver an intervention', anAcceptance({ type: 'request.decision' })],
    ['when the owner accepts its own case', anAcceptance({ owner: 'mentoring-intensive' })],
    [
      'on a message that touches no case',
      anAcceptance({ type: 'hub.receipt', case: 'none', owner: undefined }),
    ],
    ['on a body that is none', anAcceptance({ data: 'accepted' })],
  ])('%s', (_case, input) => {
    expect(ownerAfter(input)).toBeUndefined();
  });
});

describe('a final decision', () => {
  it.each([
    ['step.decision', 'accepted', true],
    ['step.decision', 'accepted-waiting', true],
    ['request.decision', 'declined', true],
    ['request.decision', 'withdrawn', true],
    ['step.decision', 'need-info', false],
    ['triage.outcome', 'accepted', false],
  ])('%s %s: %s', (type, decision, expected) => {
    expect(isFinalDecision(type, { decision })).toBe(expected);
  });
});
