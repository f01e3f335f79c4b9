import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { loadContracts } from '../contracts.js';
import type { Envelope } from '../envelope.js';
import { loadAlliance } from '../load-alliance.js';
import { projectRoot } from '../project-root.js';

const contracts = loadContracts();
const { codeLists } = loadAlliance(undefined, {});
const TODAY = '2026-11-22';

function example(type: string, name: string): Envelope {
  const file = join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Envelope;
}

/** Puts values at pointers into a copy of an example; undefined takes what stands there away. */
function changed(message: Envelope, changes: Record<string, unknown>): Envelope {
  const copy = structuredClone(message);
  for (const [pointer, value] of Object.entries(changes)) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop() as string;
    const holder = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
    (holder as Record<string, unknown>)[last] = value;
  }
  return JSON.parse(JSON.stringify(copy)) as Envelope;
}

function findings(message: Envelope) {
  const contract = contracts.get(message.type);
  if (!contract) throw new Error(`${message.type} is no contract.`);
  expect(contracts.validate(contract, message)).toEqual([]);
  return contracts.checkRules(contract, message, { today: TODAY, codeLists }).findings;
}

/** Rule, type, valid example, what is changed in it, the place and the weight of the one finding. */
const FIRES: [string, string, string, Record<string, unknown>, string, 'refuse' | 'quality'][] = [
  [
    'crisis-telephone-first',
    'crisis.referral',
    'known-person',
    { '/data/telephoned': { done: 'no' } },
    '/data/telephoned/done',
    'quality',
  ],
  [
    'crisis-without-consent-says-why',
    'crisis.referral',
    'known-person',
    { '/data/consent': { status: 'refused' } },
    '/data/withoutConsentBecause',
    'quality',
  ],
  [
    'crisis-disposition-has-happened',
    'crisis.disposition',
    'home-treatment',
    { '/data/decidedAt': '2026-11-23T00:00:00Z' },
    '/data/decidedAt',
    'refuse',
  ],
  [
    'crisis-disposition-after-referral',
    'crisis.disposition',
    'home-treatment',
    { '/data/decidedAt': '2026-11-20T11:19:00+01:00' },
    '/data/decidedAt',
    'quality',
  ],
  [
    'safeguarding-observed-has-happened',
    'safeguarding.referral',
    'hit-at-home',
    { '/data/observedAt': '2027-01-01T10:00:00Z' },
    '/data/observedAt',
    'refuse',
  ],
  [
    'safeguarding-telephone-first',
    'safeguarding.referral',
    'hit-at-home',
    { '/data/telephoned': { done: 'unknown' } },
    '/data/telephoned/done',
    'quality',
  ],
  [
    'safeguarding-not-told-says-why',
    'safeguarding.referral',
    'hit-at-home',
    { '/data/notToldBecause': undefined },
    '/data/notToldBecause',
    'quality',
  ],
  [
    'safeguarding-outcome-has-happened',
    'safeguarding.outcome',
    'enquiry',
    { '/data/decidedAt': '2026-11-23T00:00:01Z' },
    '/data/decidedAt',
    'refuse',
  ],
  [
    'risk-closed-has-happened',
    'risk.closed',
    'plan-in-place',
    { '/data/closedAt': '2026-11-24T00:00:00Z' },
    '/data/closedAt',
    'refuse',
  ],
  [
    'risk-closed-without-danger',
    'risk.closed',
    'plan-in-place',
    { '/data/risk/immediateDanger': 'yes' },
    '/data/risk/immediateDanger',
    'quality',
  ],
  [
    'handover-conversation-has-happened',
    'handover.conversation-held',
    'by-phone',
    { '/data/heldOn': '2026-11-23' },
    '/data/heldOn',
    'refuse',
  ],
  [
    'handover-conversation-gaps-stated',
    'handover.conversation-held',
    'with-the-young-person',
    { '/data/gaps': [] },
    '/data/checklist/2',
    'quality',
  ],
  [
    'handover-has-happened',
    'handover.completed',
    'complete',
    { '/data/firstContactOn': '2026-11-23' },
    '/data/firstContactOn',
    'refuse',
  ],
  [
    'handover-order',
    'handover.completed',
    'complete',
    { '/data/conversationOn': '2026-11-18' },
    '/data/conversationOn',
    'refuse',
  ],
  [
    'handover-gaps-stated',
    'handover.completed',
    'with-a-gap',
    { '/data/gaps': [] },
    '/data/checklist/2',
    'refuse',
  ],
  [
    'discharge-has-happened',
    'discharge.summary',
    'goals-met',
    { '/data/closedOn': '2026-11-23' },
    '/data/closedOn',
    'refuse',
  ],
  [
    'discharge-destination-accepted-before',
    'discharge.summary',
    'destination-accepted',
    { '/data/nextParty/acceptedOn': '2026-11-19' },
    '/data/nextParty/acceptedOn',
    'refuse',
  ],
  [
    'discharge-choice-is-informed',
    'discharge.summary',
    'own-choice',
    { '/data/choice/informed': 'unknown' },
    '/data/choice/informed',
    'refuse',
  ],
  [
    'discharge-attempts-on-two-channels',
    'discharge.summary',
    'contact-exhausted',
    { '/data/attempts/1/channel': 'phone' },
    '/data/attempts',
    'refuse',
  ],
  [
    'discharge-safeguarding-check-after-attempts',
    'discharge.summary',
    'contact-exhausted',
    { '/data/attempts/1/on': '2026-11-17' },
    '/data/safeguardingCheck/checkedOn',
    'refuse',
  ],
  [
    'discharge-goals-met-names-one',
    'discharge.summary',
    'goals-met',
    { '/data/goals/0/reached': 'no' },
    '/data/goals',
    'quality',
  ],
  [
    'intervention-status-has-happened',
    'intervention.status',
    'in-progress',
    { '/data/on': '2026-11-23' },
    '/data/on',
    'refuse',
  ],
  [
    'contact-has-happened',
    'contact.recorded',
    'in-person',
    { '/data/on': '2026-11-23' },
    '/data/on',
    'refuse',
  ],
  [
    'contact-duration-fits',
    'contact.recorded',
    'in-person',
    { '/data/durationMinutes': 0 },
    '/data/durationMinutes',
    'quality',
  ],
  [
    'attendance-has-happened',
    'group.attendance',
    'one-person',
    { '/data/sessionOn': '2026-11-23' },
    '/data/sessionOn',
    'refuse',
  ],
  [
    'attendance-count-names-nobody',
    'group.attendance',
    'count',
    { '/caseref': 'MTA-7KQ4-M2XV-9' },
    '/data/kind',
    'refuse',
  ],
  [
    'attendance-of-a-person-names-the-case',
    'group.attendance',
    'one-person',
    { '/caseref': undefined },
    '/data/kind',
    'refuse',
  ],
  [
    'digital-period-has-happened',
    'digital.engagement',
    'month-of-kooth',
    { '/data/period/until': '2026-11-30' },
    '/data/period/until',
    'refuse',
  ],
  [
    'digital-period-order',
    'digital.engagement',
    'month-of-kooth',
    { '/data/period/from': '2026-11-01' },
    '/data/period/from',
    'refuse',
  ],
  [
    'digital-kooth-is-anonymous',
    'digital.engagement',
    'week-of-a-person',
    { '/source': '/partners/kooth' },
    '/data/kind',
    'refuse',
  ],
  [
    'digital-aggregate-names-nobody',
    'digital.engagement',
    'month-of-kooth',
    { '/subject': 'S-1' },
    '/data/kind',
    'refuse',
  ],
  [
    'digital-basis-fits',
    'digital.engagement',
    'month-of-kooth',
    { '/sharingbasis': 'consent' },
    '/data/kind',
    'refuse',
  ],
  [
    'digital-person-names-the-case',
    'digital.engagement',
    'week-of-a-person',
    { '/caseref': undefined },
    '/data/kind',
    'refuse',
  ],
  [
    'digital-small-numbers',
    'digital.engagement',
    'month-of-kooth',
    { '/data/aggregate/users': 4 },
    '/data/aggregate/users',
    'refuse',
  ],
  [
    'completed-has-happened',
    'intervention.completed',
    'goals-met',
    { '/data/endedOn': '2026-11-23' },
    '/data/endedOn',
    'refuse',
  ],
  [
    'completed-next-fits-reason',
    'intervention.completed',
    'unreachable',
    { '/data/recommendedNext/kind': 'nothing-further' },
    '/data/recommendedNext/kind',
    'refuse',
  ],
  [
    'completed-measure-or-why-not',
    'intervention.completed',
    'goals-met',
    { '/data/measures': [] },
    '/data/measures',
    'quality',
  ],
  [
    'service-status-period',
    'service.status',
    'open',
    { '/data/until': '2026-03-31' },
    '/data/until',
    'refuse',
  ],
  [
    'service-announced-is-not-open',
    'service.status',
    'open',
    { '/data/from': '2026-11-23' },
    '/data/state',
    'quality',
  ],
  [
    'identity-link-has-happened',
    'identity.link',
    'by-a-code',
    { '/data/proof/redeemedAt': '2026-11-23T00:00:00Z' },
    '/data/proof/redeemedAt',
    'refuse',
  ],
  [
    'identity-own-choice',
    'identity.link',
    'by-a-code',
    { '/data/choice/by': 'carer' },
    '/data/choice',
    'refuse',
  ],
  [
    'identity-unlink-has-happened',
    'identity.unlink',
    'asked-for',
    { '/data/requestedAt': '2026-11-23T00:00:00Z' },
    '/data/requestedAt',
    'refuse',
  ],
  [
    'subject-change-changes',
    'subject.updated',
    'moved-across-the-border',
    { '/data/changes/0/oldHash': `hmac-sha256:${'a'.repeat(64)}` },
    '/data/changes/0/newHash',
    'quality',
  ],
  [
    'safety-plan-has-happened',
    'safety-plan.shared',
    'first-version',
    { '/data/madeOn': '2026-11-23' },
    '/data/madeOn',
    'refuse',
  ],
  [
    'safety-plan-needs-consent',
    'safety-plan.shared',
    'first-version',
    { '/sharingbasis': 'vital-interest', '/overridereason': 'Wished for.' },
    '/data/recipients',
    'refuse',
  ],
  [
    'safety-plan-recipient-once',
    'safety-plan.shared',
    'first-version',
    { '/data/recipients/1/party': 'crisis' },
    '/data/recipients/1/party',
    'refuse',
  ],
  [
    'safety-plan-somebody-agreed',
    'safety-plan.shared',
    'first-version',
    { '/data/recipients/0/status': 'refused' },
    '/data/recipients',
    'quality',
  ],
  [
    'safety-plan-review-follows',
    'safety-plan.shared',
    'first-version',
    { '/data/reviewOn': '2026-11-17' },
    '/data/reviewOn',
    'refuse',
  ],
  [
    'safety-plan-withdrawal-has-happened',
    'safety-plan.withdrawn',
    'replaced',
    { '/data/withdrawnAt': '2026-11-23T00:00:00Z' },
    '/data/withdrawnAt',
    'refuse',
  ],
  [
    'safety-plan-withdrawal-gives-nothing',
    'safety-plan.withdrawn',
    'consent-withdrawn',
    { '/data/recipients/0/status': 'given' },
    '/data/recipients/0/status',
    'refuse',
  ],
  [
    'document-has-content',
    'document.shared',
    'letter',
    { '/data/hash': 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    '/data/hash',
    'refuse',
  ],
  [
    'document-consent-not-refused',
    'document.shared',
    'letter',
    { '/data/consent/status': 'withdrawn' },
    '/data/consent/status',
    'refuse',
  ],
  [
    'document-not-expired',
    'document.shared',
    'letter',
    { '/data/expiresOn': '2026-11-21' },
    '/data/expiresOn',
    'refuse',
  ],
  [
    'recall-has-happened',
    'message.recalled',
    'from-one',
    { '/data/at': '2026-11-23T00:00:00Z' },
    '/data/at',
    'refuse',
  ],
];

describe('a rule finds what no schema can say', () => {
  it.each(FIRES)('%s', (rule, type, name, changes, pointer, severity) => {
    const before = findings(example(type, name)).map(({ keyword }) => keyword);
    const fresh = findings(changed(example(type, name), changes)).filter(
      ({ keyword }) => !before.includes(keyword),
    );
    const own = fresh.filter(({ keyword }) => keyword === rule);
    expect(own).toEqual([expect.objectContaining({ pointer, severity })]);
  });
});

describe('what holds at the edge of a rule', () => {
  it.each([
    [
      'an intervention whose pause is announced',
      'intervention.status',
      'paused',
      { '/data/on': '2026-12-20' },
    ],
    [
      'a nought, behind which nobody stands',
      'digital.engagement',
      'month-of-kooth',
      { '/data/aggregate/users': 0, '/data/aggregate/sessions': 0 },
    ],
    [
      'five people, whom nobody can tell apart',
      'digital.engagement',
      'month-of-kooth',
      { '/data/aggregate/users': 5 },
    ],
    ['a decision at the moment of the referral', 'crisis.disposition', 'advice', {}],
    ['a conversation and first contact on one day', 'handover.completed', 'same-day', {}],
    ['a document that is used for the last day', 'document.shared', 'letter', { '/data/expiresOn': TODAY }],
    [
      'what happened today, in whatever zone it was told',
      'risk.closed',
      'plan-in-place',
      { '/data/closedAt': '2026-11-23T00:30:00+01:00' },
    ],
  ] as [string, string, string, Record<string, unknown>][])('%s', (_what, type, name, changes) => {
    expect(findings(changed(example(type, name), changes))).toEqual([]);
  });
});

describe('every valid example', () => {
  const all = contracts.all.flatMap(({ type, major }) => {
    const folder = join(projectRoot(), 'schemas', type, `v${major}.examples/valid`);
    return readdirSync(folder).map((file) => [type, file.replace('.json', '')] as const);
  });

  it.each(all)('%s %s is not refused by a rule', (type, name) => {
    expect(findings(example(type, name)).filter(({ severity }) => severity === 'refuse')).toEqual([]);
  });
});
