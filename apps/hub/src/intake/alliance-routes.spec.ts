import { describe, expect, it } from '@jest/globals';
import { loadAlliance, loadContracts, type Facts } from '#contracts';
import { compileRoutes, type RouteContext, type RouteInput, type RoutingDecision } from './route.js';

/** The alliance's own routes, as they stand in `config/routes.json`. */
const alliance = loadAlliance(undefined, {});
const router = compileRoutes(alliance);

function aMessage(
  type: string,
  sender: string,
  facts: Facts = {},
  context: Partial<RouteContext> = {},
): RouteInput {
  return { contract: { type }, facts, sender, context: { holders: [], date: '2026-05-20', ...context } };
}

/** `nkm?` is asked, `nkm` gets it for information, `!role` waits for a partner, `parked` is for a person. */
function goesTo(decision: RoutingDecision): string[] {
  return [
    ...decision.recipients.map(({ partner, asks }) => `${partner}${asks ? '?' : ''}`),
    ...decision.blocked.map(({ role }) => `!${role}`),
    ...(decision.parked ? [`parked ${decision.parked.code}`] : []),
  ].toSorted();
}

describe('the holders of a case', () => {
  it.each<[string, RouteInput, boolean]>([
    ['are told that consent changed, though there is none yet', aMessage('consent.changed', 'nkm'), true],
    ['are told of a safety plan, where they read it', aMessage('safety-plan.shared', 'nkm'), true],
    [
      'hear nothing of a step-up to another',
      aMessage('step-up.requested', 'nkm', { to: 'crisis-team' }),
      false,
    ],
  ])('%s', (_name, input, told) => {
    expect(router.tellsHolders(router.route(input))).toBe(told);
  });
});

describe('the journey of a child', () => {
  it.each<[string, RouteInput, string[]]>([
    [
      'a crisis for the team that it names',
      aMessage('crisis.referral', 'ylf', { to: 'specialist-community' }),
      ['nelft?', 'nkm'],
    ],
    ['a crisis that names nobody', aMessage('crisis.referral', 'nkm'), ['crisis?']],
    ['a crisis for a word that is no role', aMessage('crisis.referral', 'nkm', { to: 'help' }), ['crisis?']],
    [
      'a crisis for a service that takes none on',
      aMessage('crisis.referral', 'nkm', { to: 'bereavement' }),
      ['crisis?'],
    ],
    [
      'what the crisis team did',
      aMessage('crisis.disposition', 'crisis', {}, { origin: 'ylf' }),
      ['nkm', 'ylf'],
    ],
    ['a safeguarding concern', aMessage('safeguarding.referral', 'chums'), ['nkm', 'safeguarding?']],
    [
      'what came of a concern',
      aMessage('safeguarding.outcome', 'safeguarding', {}, { origin: 'barratt' }),
      ['barratt', 'nkm'],
    ],
    [
      'a risk that somebody took on',
      aMessage('risk.acknowledged', 'crisis', {}, { origin: 'ylf' }),
      ['nkm', 'ylf'],
    ],
    ['a handover', aMessage('handover.initiated', 'ylf', { to: 'mentoring-intensive' }), ['nkm', 'salus']],
    [
      'a conversation between giver and receiver',
      aMessage('handover.conversation-held', 'salus', {}, { holders: ['nkm', 'ylf', 'referrers'] }),
      ['nkm', 'ylf'],
    ],
    [
      'a discharge, for those who read it',
      aMessage('discharge.summary', 'nkm', {}, { holders: ['kooth', 'referrers', 'salus'] }),
      ['referrers', 'salus'],
    ],
    ['a referral that a sub-contractor took in', aMessage('referral.submitted', 'salus'), ['nkm?']],
    ['an offer of anonymous counselling', offer('digital-counselling'), ['kooth?']],
    ['the same at an age that is not said', offer('digital-counselling', 'ylf'), ['kooth?', 'nkm']],
    [
      'a redirect to Kent',
      aMessage('referral.redirected', 'nkm', { to: 'kent-front-door' }),
      ['salus-kent?'],
    ],
    [
      'what Kent says to a redirect',
      aMessage('referral.redirected.accepted', 'salus-kent', {}, { origin: 'nkm' }),
      ['nkm'],
    ],
    ['a referral at the wrong door', aMessage('referral.misdirected', 'chums'), ['nkm?']],
    [
      'a coordinator, for those who work with the child',
      aMessage('coordinator.assigned', 'nkm', {}, { holders: ['kooth', 'salus', 'virtual-school'] }),
      ['salus', 'virtual-school'],
    ],
    ['who came to a group', aMessage('group.attendance', 'barratt'), ['nkm']],
    ['what Kooth counted', aMessage('digital.engagement', 'kooth'), ['nkm']],
    ['what is open', aMessage('service.status', 'ylf'), ['nkm']],
    [
      'a safety plan taken back',
      aMessage('safety-plan.withdrawn', 'nkm', {}, { holders: ['crisis', 'referrers', 'ylf'] }),
      ['crisis', 'ylf'],
    ],
    [
      'news of a child',
      aMessage('subject.updated', 'social-care', {}, { holders: ['nkm', 'salus', 'kooth'] }),
      ['nkm', 'salus'],
    ],
  ])('%s', (_case, input, expected) => {
    expect(goesTo(router.route(input))).toEqual(expected);
  });
});

describe('a digital offer by age', () => {
  it.each([
    ['under-5', false, false],
    ['5-6', false, false],
    ['7-9', false, true],
    ['10-12', true, true],
    ['13-18', true, false],
    ['19-25', true, false],
    ['over-25', false, false],
  ])('%s: Kooth %s, Lumi Nova %s', (ageBand, kooth, lumiNova) => {
    expect(goesTo(router.route(offer('digital-counselling', 'nkm', ageBand)))).toEqual(
      kooth ? ['kooth?'] : ['parked routing/denied'],
    );
    expect(goesTo(router.route(offer('digital-therapy', 'nkm', ageBand)))).toEqual(
      lumiNova ? ['bfb-labs?'] : ['parked routing/denied'],
    );
  });

  it('comes back to the front door, which is asked instead, with the reason', () => {
    const decision = router.route(offer('digital-counselling', 'ylf', '7-9'));
    expect(goesTo(decision)).toEqual(['nkm?']);
    expect(decision.recipients[0]?.reasons).toContain('kooth-by-age');
    expect(decision.matched.find(({ route }) => route === 'kooth-by-age')?.because).toMatch(/10 to 25/);
  });
});

describe('Kent and Medway', () => {
  it('meet in a redirect, and in nothing else of a case', () => {
    const across = (type: string, sender: string, to: string): string[] =>
      goesTo(router.route(aMessage(type, sender, { to })));
    expect(across('handover.initiated', 'nkm', 'kent-front-door')).toEqual(['salus-kent']);
    expect(across('step-up.requested', 'nkm', 'kent-front-door')).toEqual(['parked routing/denied']);
    expect(across('step-up.requested', 'ylf', 'kent-front-door')).toEqual(['nkm?']);
    expect(across('step-up.requested', 'salus-kent', 'mentoring-intensive')).toEqual([
      'parked routing/denied',
    ]);
    expect(across('step-up.requested', 'salus-kent', 'specialist-community')).toEqual(['nelft?']);
  });

  it('keep a child safe together, and follow the same consent', () => {
    expect(goesTo(router.route(aMessage('risk.alert', 'salus-kent')))).toEqual(['nkm?']);
    const change = aMessage('consent.changed', 'nkm', {}, { holders: ['salus-kent'] });
    expect(goesTo(router.route(change))).toEqual(['salus-kent']);
  });
});

describe('a case of Kent', () => {
  const kents = (type: string, sender: string, facts: Facts = {}, context: Partial<RouteContext> = {}) =>
    goesTo(router.route(aMessage(type, sender, facts, { caseArea: 'kent', ...context })));
  const holders = ['nkm', 'salus', 'salus-kent'];

  it.each<[string, string[], string[]]>([
    ['a step-down', kents('step-down.requested', 'nelft'), ['salus-kent?']],
    ['a measure', kents('outcome.measure', 'crisis'), ['salus-kent']],
    ['a decision', kents('step.decision', 'nelft', {}, { origin: 'salus-kent' }), ['salus-kent']],
    ['a discharge', kents('discharge.summary', 'nelft', {}, { holders }), ['salus-kent']],
    ['a safety plan', kents('safety-plan.shared', 'crisis', {}, { holders }), ['salus-kent']],
    [
      'a step-up that would go to Medway',
      kents('step-up.requested', 'nelft', { to: 'mentoring-intensive' }),
      ['salus-kent?'],
    ],
    [
      'a risk, which may cross',
      kents('risk.alert', 'nelft', {}, { owner: 'kent-front-door' }),
      ['nkm?', 'salus-kent'],
    ],
    ['consent, which may cross', kents('consent.changed', 'nelft', {}, { holders }), holders],
    ['a redirect to Medway', kents('referral.redirected', 'salus-kent', { to: 'front-door' }), ['nkm?']],
    [
      'what Medway says to it',
      kents('referral.redirected.accepted', 'nkm', {}, { origin: 'salus-kent' }),
      ['salus-kent'],
    ],
    [
      'what Medway still says of a child that it gave away',
      kents('outcome.measure', 'salus'),
      ['parked routing/denied'],
    ],
  ])('%s stays there', (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  it('is parked for its own front door, and Medway’s is asked nothing', () => {
    const { parked } = router.route(aMessage('outcome.measure', 'nkm', {}, { caseArea: 'kent' }));
    expect(parked).toEqual({ code: 'routing/denied', role: 'kent-front-door' });
  });
});

describe('a case of Medway', () => {
  it.each([
    ['step-down.requested', 'nelft', ['nkm?']],
    ['outcome.measure', 'nelft', ['nkm']],
    ['discharge.summary', 'nelft', ['nkm', 'ylf']],
  ])('keeps %s of %s', (type, sender, expected) => {
    const holders = ['nkm', 'salus-kent', 'ylf'];
    expect(goesTo(router.route(aMessage(type, sender, {}, { caseArea: 'medway', holders })))).toEqual(
      expected,
    );
  });

  it('hears what Kent answers to a redirect, and nothing else of Kent’s', () => {
    const says = (type: string, context: Partial<RouteContext>) =>
      goesTo(router.route(aMessage(type, 'salus-kent', {}, { caseArea: 'medway', ...context })));
    expect(says('referral.redirected.accepted', { origin: 'nkm' })).toEqual(['nkm']);
    expect(says('referral.redirected.declined', { origin: 'adult-services' })).toEqual([
      'adult-services',
      'nkm',
    ]);
    expect(says('step.decision', { origin: 'nkm' })).toEqual(['parked routing/denied']);
  });
});

describe('every type', () => {
  it('has a route', () => {
    const routed = alliance.routes.routes.map(
      ({ when }) => (when as { properties?: { type?: { const?: string } } }).properties?.type?.const,
    );
    const types = loadContracts().all.map(({ type }) => type);
    expect([...new Set(types)].filter((type) => !routed.includes(type))).toEqual([]);
    expect(routed.filter((type) => type !== undefined && !types.includes(type))).toEqual([]);
  });
});

function offer(to: string, sender = 'nkm', ageBand?: string): RouteInput {
  return aMessage('intervention.requested', sender, { to, ...(ageBand !== undefined && { ageBand }) });
}
