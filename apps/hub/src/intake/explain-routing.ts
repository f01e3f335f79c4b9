import { isDeepStrictEqual } from 'node:util';
import type { Router, RouteContext, RoutingDecision, Unmatched } from './route.js';

/** Why a message went where it went, from the stored decision. No value of the message's body stands in it. */
export interface RoutingExplained {
  /** The rules that decided, and whether they are still those of this hub. */
  ruleSet: { decided: string; today: string };
  facts: RoutingDecision['facts'];
  /** Whether its area is that of the case, or only of who sent it. */
  areaOf: 'case' | 'sender';
  /** What the ledger knew; a sender is not told which other services a child is with. */
  context: Partial<RouteContext>;
  matched: RoutingDecision['matched'];
  /** Absent where the rules have changed since: today's rules would give today's reasons. */
  notMatched?: Unmatched[];
  recipients: (Pick<RoutingDecision['recipients'][number], 'partner' | 'role' | 'asks'> & {
    because: string[];
  })[];
  blocked: RoutingDecision['blocked'];
  parked?: RoutingDecision['parked'];
  /** Whether the same rules make the same decision of what is stored; `other-rules`: they have changed since. */
  recomputed: 'same' | 'different' | 'other-rules';
}

/** Pure. `whole`: for staff; a sender sees no more than its Receipt told, and why. */
export function explainRouting(router: Router, stored: RoutingDecision, whole: boolean): RoutingExplained {
  const { facts, context, matched, recipients, blocked, parked } = stored;
  const because = new Map(matched.map(({ route, because: why }) => [route, why]));
  const recomputed = recomputes(router, stored);
  const { owner: _owner, holders: _holders, ...open } = context;
  return {
    ruleSet: { decided: stored.ruleSet, today: router.ruleSet },
    facts,
    areaOf: context.caseArea === undefined ? 'sender' : 'case',
    context: whole ? context : open,
    matched,
    ...(recomputed !== 'other-rules' && { notMatched: router.explain(stored) }),
    recipients: recipients.map(({ partner, role, asks, reasons }) => ({
      partner,
      role,
      asks,
      because: reasons.map((route) => because.get(route) ?? route),
    })),
    blocked,
    ...(parked && { parked }),
    recomputed,
  };
}

/** Makes a stored decision again, where this hub still has the rules that made it. */
export function recomputes(router: Router, stored: RoutingDecision): RoutingExplained['recomputed'] {
  if (stored.ruleSet !== router.ruleSet) return 'other-rules';
  // As the ledger gives it back: without what is undefined.
  const again = JSON.parse(JSON.stringify(router.recompute(stored))) as RoutingDecision;
  return isDeepStrictEqual(again, stored) ? 'same' : 'different';
}
