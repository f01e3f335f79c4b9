import { v5 as uuidv5 } from 'uuid';
import type { Contract, Partner } from '#contracts';
import type { DeliveryRow } from '../store/accept-row.js';
import type { RoutingDecision } from './route.js';

/** A delivery to a role that nobody fills waits under this partner until somebody does. */
export const NOBODY = '-';

/** One delivery per recipient, and one for every gap, so that nothing is routed nowhere. */
export function planDeliveries(
  decision: RoutingDecision,
  plan: {
    contract: Pick<Contract, 'order' | 'band'>;
    /** What keeps the order: the case, or what the contract's `x-lane` points at. */
    laneKey: string | null;
    partners: ReadonlyMap<string, Partner>;
    frontDoor: string;
    acceptedAt: string;
    blockedUntil: string;
    parkedUntil: string;
    /** The message's name for ever: its source and the sender's id. */
    message: { source: string; id: string };
  },
): DeliveryRow[] {
  const ordered = plan.contract.order === 'case' && plan.contract.band !== 'urgent';
  const ready = decision.recipients.map((recipient): DeliveryRow => ({
    deliveryId: deliveryIdOf(plan.message, recipient.partner),
    partner: recipient.partner,
    role: recipient.role,
    asks: recipient.asks,
    laneKey: ordered ? plan.laneKey : null,
    state: 'ready',
    owner: plan.partners.get(recipient.partner)?.owner ?? 'ops',
    dueAt: plan.acceptedAt,
    fault: null,
  }));
  const blocked = decision.blocked.map((gap): DeliveryRow => ({
    deliveryId: deliveryIdOf(plan.message, `${NOBODY} ${gap.role}`),
    partner: NOBODY,
    role: gap.role,
    asks: gap.asks,
    laneKey: null,
    state: 'blocked',
    owner: 'front-door',
    dueAt: plan.blockedUntil,
    fault: { code: gap.code, stage: 'route', detail: `The role ${gap.role} has no partner today.` },
  }));
  const parked: DeliveryRow[] = decision.parked
    ? [
        {
          deliveryId: deliveryIdOf(plan.message, plan.frontDoor),
          partner: plan.frontDoor,
          role: decision.parked.role,
          asks: false,
          laneKey: null,
          state: 'parked',
          owner: 'front-door',
          dueAt: plan.parkedUntil,
          fault: { code: decision.parked.code, stage: 'route', detail: whyParked(decision) },
        },
      ]
    : [];
  return [...ready, ...blocked, ...parked];
}

/** The rules' own words, never the message's. */
function whyParked({ parked, matched }: RoutingDecision): string {
  if (parked?.code !== 'routing/denied') return 'No route matched.';
  return `No recipient was left by the routes ${matched.map(({ route }) => route).join(', ')}.`;
}

/** Any UUID of our own; with another one, every delivery would have another id. */
const DELIVERY_IDS = '6f1c1d5e-8a55-4f0e-9a3a-0d3c5b7e2f41';

/**
 * Made of the message's name and the recipient alone. So a message that a restored ledger has forgotten and that comes
 * again, from its topic or by its sender, leaves under the same id, and a partner that knows repeats knows this one.
 */
function deliveryIdOf(message: { source: string; id: string }, recipient: string): string {
  return uuidv5(JSON.stringify([message.source, message.id, recipient]), DELIVERY_IDS);
}

/** The same for what another partner gets in its place: a redirect that a restore has forgotten, and that is made again. */
export function redirectedIdOf(deliveryId: string, recipient: string): string {
  return uuidv5(JSON.stringify([deliveryId, recipient]), DELIVERY_IDS);
}
