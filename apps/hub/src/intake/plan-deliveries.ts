import type { Contract, Partner } from '#contracts';
import type { DeliveryRow } from '../store/accept-messages.js';
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
    newId: () => string;
  },
): DeliveryRow[] {
  const ordered = plan.contract.order === 'case' && plan.contract.band !== 'urgent';
  const ready = decision.recipients.map((recipient): DeliveryRow => ({
    deliveryId: plan.newId(),
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
    deliveryId: plan.newId(),
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
          deliveryId: plan.newId(),
          partner: plan.frontDoor,
          role: decision.parked.role,
          asks: false,
          laneKey: null,
          state: 'parked',
          owner: 'front-door',
          dueAt: plan.parkedUntil,
          fault: { code: decision.parked.code, stage: 'route', detail: 'No route matched.' },
        },
      ]
    : [];
  return [...ready, ...blocked, ...parked];
}
