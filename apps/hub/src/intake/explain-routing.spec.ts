import { describe, expect, it } from '@jest/globals';
import { loadAlliance } from '#contracts';
import { explainRouting } from './explain-routing.js';
import { compileRoutes, type RoutingDecision } from './route.js';

const alliance = loadAlliance(undefined, {});
const router = compileRoutes(alliance);
const decision = JSON.parse(
  JSON.stringify(
    router.route({
      contract: { type: 'risk.alert' },
      facts: { immediacy: 'now' },
      sender: 'ylf',
      context: { date: '2026-05-20', owner: 'mentoring-intensive', holders: ['nkm', 'salus'] },
    }),
  ),
) as RoutingDecision;

describe('why a message went where it went', () => {
  it('names each recipient with the reasons in words, and every route that did not match', () => {
    const explained = explainRouting(router, decision, true);
    expect(explained.recipients).toEqual([
      {
        partner: 'nkm',
        role: 'clinical-lead',
        asks: true,
        because: ['The clinical lead answers for every risk alert.'],
      },
      {
        partner: 'salus',
        role: 'mentoring-intensive',
        asks: false,
        because: ['Whoever owns the case must know of a risk to the child.'],
      },
    ]);
    expect(explained.recomputed).toBe('same');
    expect([...explained.matched, ...(explained.notMatched ?? [])]).toHaveLength(
      alliance.routes.routes.length,
    );
    expect(explained.notMatched).toContainEqual({
      route: 'referral-to-front-door',
      why: ['type must be "referral.submitted"'],
    });
  });

  it('tells a sender nothing of who else is with the child', () => {
    const { context } = explainRouting(router, decision, false);
    expect(context).toEqual({ date: '2026-05-20' });
    expect(explainRouting(router, decision, true).context.holders).toEqual(['nkm', 'salus']);
  });

  it('says whose area the message has: its case’s, or for want of one its sender’s', () => {
    const of = (context: object) =>
      router.route({
        contract: { type: 'outcome.measure' },
        facts: {},
        sender: 'nelft',
        context: { date: '2026-05-20', holders: [], ...context },
      });
    expect(explainRouting(router, of({ caseArea: 'kent' }), false)).toMatchObject({
      facts: { area: 'kent' },
      areaOf: 'case',
      recomputed: 'same',
    });
    expect(explainRouting(router, of({}), false)).toMatchObject({
      facts: { area: 'medway' },
      areaOf: 'sender',
    });
  });

  it('says where the rules have changed since, and then gives no reasons of today', () => {
    const moved = compileRoutes({
      ...alliance,
      roles: alliance.roles.map((one) => (one.role === 'clinical-lead' ? { ...one, partner: 'salus' } : one)),
    });
    const explained = explainRouting(moved, decision, true);
    expect(explained.recomputed).toBe('other-rules');
    expect(explained.notMatched).toBeUndefined();
    expect(explained.ruleSet.decided).not.toBe(explained.ruleSet.today);
  });

  it('finds a stored decision that its own rules would not make', () => {
    const forged = { ...decision, recipients: decision.recipients.slice(1) };
    expect(explainRouting(router, forged, true).recomputed).toBe('different');
  });
});
