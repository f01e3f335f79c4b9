import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadAlliance, type Alliance, type Facts, type Partner } from '#contracts';
import { compileRoutes, type RouteContext, type RouteInput, type RoutingDecision } from './route.js';

const alliance = loadAlliance(undefined, {});
const router = compileRoutes(alliance);
const DATE = '2026-05-20';

function aMessage(
  type: string,
  sender: string,
  facts: Facts = {},
  context: Partial<RouteContext> = {},
): RouteInput {
  return { contract: { type }, facts, sender, context: { holders: [], date: DATE, ...context } };
}

/** `nkm?` is asked, `nkm` gets it for information, `!role` waits for a partner, `parked` is our gap. */
function goesTo(decision: RoutingDecision): string[] {
  return [
    ...decision.recipients.map(({ partner, asks }) => `${partner}${asks ? '?' : ''}`),
    ...decision.blocked.map(({ role }) => `!${role}`),
    ...(decision.parked ? [`parked ${decision.parked.code}`] : []),
  ].toSorted();
}

describe('who receives', () => {
  it.each<[string, RouteInput, string[]]>([
    ['a referral', aMessage('referral.submitted', 'referrers'), ['nkm?']],
    ['a triage outcome', aMessage('triage.outcome', 'nkm', {}, { origin: 'referrers' }), ['referrers']],
    ['a request', aMessage('intervention.requested', 'nkm', { to: 'mentoring-peer' }), ['ylf?']],
    [
      'a request between sub-contractors',
      aMessage('intervention.requested', 'salus', { to: 'mentoring-peer' }),
      ['nkm', 'ylf?'],
    ],
    ['a decision for the front door', aMessage('request.decision', 'ylf', {}, { origin: 'nkm' }), ['nkm']],
    [
      'a decision for a sub-contractor',
      aMessage('request.decision', 'ylf', {}, { origin: 'salus' }),
      ['nkm', 'salus'],
    ],
    [
      'a step-up from YLF',
      aMessage('step-up.requested', 'ylf', { to: 'mentoring-intensive' }),
      ['nkm', 'salus?'],
    ],
    [
      'a step-up from the front door',
      aMessage('step-up.requested', 'nkm', { to: 'specialist-community' }),
      ['nelft?'],
    ],
    ['a step-up to the front door', aMessage('step-up.requested', 'ylf', { to: 'front-door' }), ['nkm?']],
    ['a step-down', aMessage('step-down.requested', 'nelft'), ['nkm?']],
    ['a step decision', aMessage('step.decision', 'salus', {}, { origin: 'ylf' }), ['nkm', 'ylf']],
    ['a measure', aMessage('outcome.measure', 'salus'), ['nkm']],
    ['a risk alert', aMessage('risk.alert', 'ylf', {}, { owner: 'mentoring-intensive' }), ['nkm?', 'salus']],
    ['a risk alert in an unowned case', aMessage('risk.alert', 'ylf'), ['nkm?']],
    ['a risk acknowledged', aMessage('risk.acknowledged', 'nkm', {}, { origin: 'ylf' }), ['ylf']],
    [
      'a change of consent',
      aMessage('consent.changed', 'nkm', {}, { holders: ['nkm', 'salus', 'ylf'] }),
      ['salus', 'ylf'],
    ],
    [
      'a change of consent that nobody need hear',
      aMessage('consent.changed', 'nkm', {}, { holders: ['nkm'] }),
      [],
    ],
    ['a receipt', aMessage('hub.receipt', 'hub', {}, { origin: 'salus' }), ['salus']],
  ])('%s', (_case, input, expected) => {
    expect(goesTo(router.route(input))).toEqual(expected);
  });

  it('lists every reason of a recipient in one delivery, with the role that is asked', () => {
    const { recipients, matched } = router.route(
      aMessage('step-up.requested', 'ylf', { to: 'clinical-lead' }),
    );
    expect(recipients).toEqual([
      {
        partner: 'nkm',
        role: 'clinical-lead',
        reasons: ['step-up-to-receiver', 'step-up-to-front-door'],
        asks: true,
      },
    ]);
    expect(matched.map(({ route }) => route)).toEqual(['step-up-to-receiver', 'step-up-to-front-door']);
  });
});

describe('a deny route', () => {
  it('is asked of a single target too, for whoever redirects', () => {
    const { facts } = router.route(aMessage('outcome.measure', 'salus'));
    expect(router.denies(facts, { role: 'kent-front-door', partner: 'salus-kent' })).toBe(true);
    expect(router.denies(facts, { role: 'front-door', partner: 'nkm' })).toBe(false);
  });

  it('keeps nothing at home that an older ledger stored without an area', () => {
    const stored = { type: 'outcome.measure', source: 'salus' };
    expect(router.denies(stored, { role: 'front-door', partner: 'nkm' })).toBe(false);
    expect(router.denies(stored, { role: 'kent-front-door', partner: 'salus-kent' })).toBe(true);
  });

  it('of the areas holds for the case as well as for who speaks of it', () => {
    const denied = (sender: string, caseArea: 'kent' | 'medway') => {
      const { facts } = router.route(aMessage('outcome.measure', sender, {}, { caseArea }));
      return ['nkm', 'salus-kent', 'nelft'].filter((partner) => router.denies(facts, { role: '-', partner }));
    };
    expect(denied('nelft', 'kent')).toEqual(['nkm']);
    expect(denied('nelft', 'medway')).toEqual(['salus-kent']);
    expect(denied('salus', 'kent')).toEqual(['nkm', 'salus-kent']);
    expect(denied('salus-kent', 'medway')).toEqual(['nkm', 'salus-kent']);
  });
});

describe('who asks itself', () => {
  it('asks the front door instead, so that an answer comes', () => {
    const asks = (to: string, by: string) => goesTo(router.route(aMessage('step-up.requested', by, { to })));
    expect(asks('mentoring-peer', 'ylf')).toEqual(['nkm?']);
    expect(asks('mentoring-intensive', 'ylf')).toEqual(['nkm', 'salus?']);
  });

  it('is parked, and not lost, where it is the front door', () => {
    const routed = router.route(aMessage('step-up.requested', 'nkm', { to: 'front-door' }));
    expect(goesTo(routed)).toEqual(['parked routing/no-route']);
  });
});

describe('what has no recipient', () => {
  it('is parked at the front door where no route matches', () => {
    expect(goesTo(router.route(aMessage('weather.reported', 'salus')))).toEqual(['parked routing/no-route']);
  });

  it('is parked where an answer goes back to an unknown cause and to nobody else', () => {
    expect(goesTo(router.route(aMessage('triage.outcome', 'nkm')))).toEqual(['parked routing/no-route']);
    expect(goesTo(router.route(aMessage('step.decision', 'salus')))).toEqual(['nkm']);
  });

  it('waits, blocked, for a role that nobody fills, and still informs the front door', () => {
    expect(goesTo(router.route(aMessage('step-up.requested', 'ylf', { to: 'kite-flying' })))).toEqual([
      '!kite-flying',
      'nkm',
    ]);
    const before = aMessage('referral.submitted', 'referrers', {}, { date: '2026-03-31' });
    expect(goesTo(router.route(before))).toEqual(['!front-door']);
  });

  it('is parked where the answer would go to the hub itself or to a partner of the past', () => {
    expect(goesTo(router.route(aMessage('triage.outcome', 'nkm', {}, { origin: 'hub' })))).toEqual([
      'parked routing/no-route',
    ]);
  });

  it('waits for a person where a holder is no partner any more', () => {
    const change = aMessage('consent.changed', 'nkm', {}, { holders: ['nobody', 'salus'] });
    expect(goesTo(router.route(change))).toEqual(['!$holders', 'salus']);
  });

  it('is no gap where the only recipient is the sender itself', () => {
    expect(goesTo(router.route(aMessage('outcome.measure', 'nkm')))).toEqual([]);
  });
});

describe('roles by date', () => {
  const handedOver: Alliance = {
    ...alliance,
    roles: [
      { role: 'front-door', partner: 'nkm', from: '2026-04-01', until: '2026-06-30' },
      { role: 'front-door', partner: 'salus', from: '2026-07-01' },
    ],
  };
  it.each([
    ['2026-06-30', 'nkm?'],
    ['2026-07-01', 'salus?'],
  ])('on %s it is %s', (date, expected) => {
    const decision = compileRoutes(handedOver).route(
      aMessage('referral.submitted', 'referrers', {}, { date }),
    );
    expect(goesTo(decision)).toEqual([expected]);
  });
});

describe('a deny route', () => {
  const denying = compileRoutes(
    withRoutes([
      ...alliance.routes.routes,
      {
        id: 'not-to-specialists',
        because: 'Salus does not step up to the specialists by itself.',
        when: {
          properties: { source: { const: 'salus' }, to: { const: 'specialist-community' } },
          required: ['to'],
        },
        to: ['specialist-community'],
        deny: true,
      },
    ]),
  );
  it('takes the role away whatever other routes say, and only where it matches', () => {
    const to = { to: 'specialist-community' };
    expect(goesTo(denying.route(aMessage('step-up.requested', 'salus', to)))).toEqual(['nkm?']);
    expect(goesTo(denying.route(aMessage('step-up.requested', 'ylf', to)))).toEqual(['nelft?', 'nkm']);
    expect(denying.route(aMessage('step-up.requested', 'salus', to)).matched).toContainEqual({
      route: 'not-to-specialists',
      because: 'Salus does not step up to the specialists by itself.',
    });
  });
});

describe('test messages', () => {
  const tester: Partner = { ...(alliance.partners[0] as Partner), id: 'sandbox', test: true };
  const withTester = compileRoutes({
    ...alliance,
    partners: [...alliance.partners, tester],
    roles: [...alliance.roles, { role: 'front-door', partner: 'sandbox', from: '2026-04-01' }],
  });

  it('reach only partners marked test, who get nothing else', () => {
    expect(
      goesTo(withTester.route(aMessage('step-up.requested', 'ylf', { to: 'mentoring-intensive' }))),
    ).toEqual(['nkm', 'salus?']);
    const test = aMessage('step-up.requested', 'ylf', { to: 'mentoring-intensive' }, { test: true });
    expect(goesTo(withTester.route(test))).toEqual(['sandbox']);
    const answer = aMessage('step.decision', 'sandbox', {}, { test: true, origin: 'ylf' });
    expect(goesTo(withTester.route(answer))).toEqual([]);
  });

  it('open no work for people where nobody takes them', () => {
    expect(goesTo(router.route(aMessage('referral.submitted', 'referrers', {}, { test: true })))).toEqual([]);
    expect(goesTo(router.route(aMessage('weather.reported', 'salus', {}, { test: true })))).toEqual([]);
  });
});

describe('why a route did not match', () => {
  it('is said in the rule’s own words, without a value of the message', () => {
    const picky = compileRoutes(
      withRoutes([
        {
          id: 'picky',
          because: 'Only urgent risk is for the crisis team.',
          when: {
            properties: {
              type: { const: 'triage.outcome' },
              urgency: { enum: ['urgent'] },
              weeks: { maximum: 4 },
            },
            required: ['outcome'],
          },
          to: ['front-door'],
        },
      ]),
    );
    const decision = picky.route(aMessage('step-up.requested', 'ylf', { urgency: 'whenever', weeks: 99 }));
    const [unmatched] = picky.explain(decision);
    expect(unmatched?.route).toBe('picky');
    expect(unmatched?.why.toSorted()).toEqual([
      'the facts must have outcome',
      'type must be "triage.outcome"',
      'urgency must be one of ["urgent"]',
      'weeks must be <= 4',
    ]);
    expect(JSON.stringify(picky.explain(decision))).not.toMatch(/whenever|99|step-up/);
  });

  it('is said of every route that did not match, and of no other', () => {
    const decision = router.route(aMessage('risk.alert', 'ylf'));
    const named = [...decision.matched, ...router.explain(decision)].map(({ route }) => route).toSorted();
    expect(named).toEqual(alliance.routes.routes.map(({ id }) => id).toSorted());
  });
});

describe('every decision', () => {
  const types = [...routedTypes(), 'weather.reported'];
  const partner = fc.constantFrom(...alliance.partners.map(({ id }) => id));
  const roles = alliance.roles.map(({ role }) => role);
  const anyMessage = fc
    .record({
      type: fc.constantFrom(...types),
      sender: partner,
      to: fc.option(fc.constantFrom(...roles, 'nobody'), { nil: null }),
      origin: fc.option(partner, { nil: undefined }),
      owner: fc.option(fc.constantFrom(...roles), { nil: undefined }),
      caseArea: fc.constantFrom('medway' as const, 'kent' as const, undefined),
      holders: fc.array(partner, { maxLength: 4 }),
      date: fc.constantFrom('2026-03-31', DATE),
      test: fc.boolean(),
      ageBand: fc.constantFrom('5-6', '7-9', '10-12', '13-18', '19-25'),
    })
    .map(({ type, sender, to, ageBand, ...context }) => aMessage(type, sender, { to, ageBand }, context));

  it('can be stored as JSON and computed again to the same', () => {
    fc.assert(
      fc.property(anyMessage, (input) => {
        const decision = router.route(input);
        const stored = JSON.parse(JSON.stringify(decision)) as RoutingDecision;
        expect(JSON.stringify(compileRoutes(alliance).recompute(stored))).toBe(JSON.stringify(decision));
        expect(JSON.stringify(decision).length).toBeLessThan(2_000);
      }),
      { numRuns: 40 },
    );
  });

  it('names a partner once, never the sender, each with a reason that matched', () => {
    fc.assert(
      fc.property(anyMessage, (input) => {
        const { recipients, matched } = router.route(input);
        const partners = recipients.map((recipient) => recipient.partner);
        expect(new Set(partners).size).toBe(partners.length);
        expect(partners).not.toContain(input.sender);
        const ids = matched.map(({ route }) => route);
        for (const { reasons } of recipients) {
          expect(reasons.length).toBeGreaterThan(0);
          for (const reason of reasons) expect(ids).toContain(reason);
        }
      }),
    );
  });

  it('crosses the border between Kent and Medway only with a type that may', () => {
    const apart = alliance.routes.routes.find(({ id }) => id === 'kent-and-medway-apart');
    const { not } = apart?.when as { not: { properties: { type: { enum: string[] } } } };
    const mayCross = not.properties.type.enum;
    const areaOf = (id: string): string => alliance.partners.find((one) => one.id === id)?.area ?? 'medway';
    fc.assert(
      fc.property(anyMessage, (input) => {
        fc.pre(!mayCross.includes(input.contract.type));
        const { recipients, facts } = router.route(input);
        for (const { partner: to } of recipients) {
          expect(['both', facts.area]).toContain(areaOf(to));
          if (areaOf(to) !== 'both') expect(['both', areaOf(to)]).toContain(areaOf(input.sender));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves nobody out in silence: a deny route has another recipient, or a person, take it', () => {
    fc.assert(
      fc.property(anyMessage, (input) => {
        const decision = router.route(input);
        const denied = decision.matched.some(({ route }) => /by-age/.test(route));
        if (denied && !input.context.test) expect(goesTo(decision)).not.toEqual([]);
      }),
    );
  });

  it('is the same for the same facts whatever was routed before', () => {
    const input = aMessage('risk.alert', 'ylf', {}, { owner: 'mentoring-intensive' });
    const first = router.route(input);
    (first.recipients[0] as { reasons: string[] }).reasons.push('spoiled');
    expect(goesTo(router.route({ ...input, context: { ...input.context, owner: undefined } }))).toEqual([
      'nkm?',
    ]);
    expect(router.route(input).recipients[0]?.reasons).toEqual(['risk-to-clinical-lead']);
  });

  it('lets no fact of the message pose as its type or source', () => {
    const posing = aMessage('outcome.measure', 'salus', { type: 'risk.alert', source: 'nkm' });
    expect(goesTo(router.route(posing))).toEqual(['nkm']);
  });
});

it('does not compile a condition that is no JSON Schema', () => {
  const broken = { id: 'broken', because: 'It cannot work.', when: { properties: 5 }, to: ['front-door'] };
  expect(() => compileRoutes(withRoutes([broken]))).toThrow(/schema/i);
});

function withRoutes(routes: Alliance['routes']['routes']): Alliance {
  return { ...alliance, routes: { version: 'test', routes } };
}

/** Every type that a route names. */
function routedTypes(): string[] {
  const named = alliance.routes.routes.map(
    ({ when }) => (when as { properties?: { type?: { const?: string } } }).properties?.type?.const,
  );
  return [...new Set(named.filter((type) => type !== undefined))];
}
