import type { Hub } from '../hub.js';
import type { RoutingDecision } from '../intake/route.js';
import { audit, readDeadLetter, releaseFollowers, type DeadLetter } from '../store/dead-letters.js';
import { readRouting } from '../store/read-routing.js';

/** What a person may do with a dead letter, and how it ended; `detail` says why not, for people. */
export type DeskResult =
  | { done: true; letter: DeadLetter; successor?: string }
  | { done: false; why: 'not-found' | 'conflict'; detail?: string };

/** The actions that the desk offers for a dead letter. */
export function actionsFor(letter: DeadLetter): string[] {
  if (letter.state !== 'parked') return letter.state === 'claimed' ? [] : ['redirect'];
  const always = ['replay', 'redirect', 'discard'];
  return letter.holds > 0 ? [...always, 'release'] : always;
}

/** The same message again, under the same delivery id; consent and agreement are checked anew. */
export async function replay(hub: Hub, deliveryId: string, by: string, reason: string): Promise<DeskResult> {
  const letter = await readDeadLetter(hub.parts.pool, deliveryId);
  if (letter && (await isForbidden(hub, letter, letter)))
    return { done: false, why: 'conflict', detail: FORBIDDEN };
  return act(hub, deliveryId, by, reason, 'replay', () =>
    hub.settle([
      {
        deliveryId,
        from: ['parked'],
        verb: { do: 'ready', inMs: 0, restart: true, told: 0 },
        stations: ['delivery.replayed'],
        detail: { by, reason },
      },
    ]),
  );
}

export const FORBIDDEN = 'A route forbids that. `hub explain` names it.';

/** Whether a route keeps this message from a partner in a role: a person at the desk stands above no border. */
export async function isForbidden(
  { parts, rules }: Hub,
  { messageId }: Pick<DeadLetter, 'messageId'>,
  target: { role: string; partner: string },
): Promise<boolean> {
  const stored = await readRouting(parts.pool, messageId, { partner: null });
  const decision = stored?.decision as RoutingDecision | undefined;
  return decision !== undefined && rules.router.denies(decision.facts, target);
}

/** A person decides that it is not needed: its followers go on, and the origin is told. */
export async function discard(hub: Hub, deliveryId: string, by: string, reason: string): Promise<DeskResult> {
  return act(hub, deliveryId, by, reason, 'discard', () =>
    hub.settle([
      {
        deliveryId,
        from: ['parked'],
        verb: { do: 'end', state: 'discarded' },
        stations: ['delivery.discarded'],
        detail: { by, reason },
      },
    ]),
  );
}

/** The followers go on without it; it stays parked. */
export async function release(hub: Hub, deliveryId: string, by: string, reason: string): Promise<DeskResult> {
  const letter = await readDeadLetter(hub.parts.pool, deliveryId);
  if (!letter) return { done: false, why: 'not-found' };
  const partner = await releaseFollowers(hub.parts.pool, { deliveryId, by, reason });
  if (partner === undefined) return { done: false, why: 'conflict' };
  hub.wake([partner]);
  return { done: true, letter };
}

async function act(
  hub: Hub,
  deliveryId: string,
  by: string,
  reason: string,
  action: string,
  settle: () => ReturnType<Hub['settle']>,
): Promise<DeskResult> {
  const letter = await readDeadLetter(hub.parts.pool, deliveryId);
  if (!letter) return { done: false, why: 'not-found' };
  // The intention is on record before the deed, so that no deed is without a name.
  await audit(hub.parts.pool, by, `dead-letter.${action}`, deliveryId, { reason });
  const { applied } = await settle();
  return applied.has(deliveryId) ? { done: true, letter } : { done: false, why: 'conflict' };
}
