import { FAULTS, type FaultCode } from '#contracts';
import { dueAt } from '../cases/calendar.js';
import type { Hub } from '../hub.js';
import { ownerOf } from '../settle/owners.js';
import { readCarried, type CarriedDelivery } from '../store/read-carried.js';
import { readEnded } from '../store/read-inbox.js';
import type { Settlement } from '../store/settle-deliveries.js';

/** What a partner, or the channel to it, may say against a copy that was carried to it. */
export const COMPLAINTS = {
  /** The partner has it and cannot take it. */
  refused: 'partner-refused/refused',
  /** The channel gave it back: it never arrived. */
  undelivered: 'partner-unavailable/undelivered',
} as const satisfies Record<string, FaultCode>;
export type Complaint = keyof typeof COMPLAINTS;

/**
 * A copy that was handed over comes back: it is parked, and a person is told. The same again changes nothing, and so does
 * what is said of an earlier copy than the last (`reference`) or of a delivery that has ended.
 * @returns the state that it is in; `conflict` while another copy is under way, of which nothing is known yet
 */
export async function refuse(
  hub: Hub,
  partner: string,
  deliveryId: string,
  said: { complaint: Complaint; reference?: string },
): Promise<{ state: string } | 'not-found' | 'conflict'> {
  const { pool } = hub.parts;
  const code = COMPLAINTS[said.complaint];
  const live = await readCarried(pool, partner, deliveryId);
  if (!live) return (await readEnded(pool, partner, deliveryId)) ?? 'not-found';
  const { state, reference } = live;
  if (said.reference !== undefined && reference !== null && reference !== said.reference) return { state };
  if (state === 'parked' && live.code === code) return { state };
  if (state !== 'handed-over' && state !== 'parked') return 'conflict';
  const { applied } = await hub.settle([parked(hub, live, { deliveryId, partner, code })]);
  if (applied.has(deliveryId)) return { state: 'parked' };
  // A colleague was faster: what he said stands.
  return (await readEnded(pool, partner, deliveryId)) ?? 'conflict';
}

function parked(
  hub: Hub,
  live: CarriedDelivery,
  { deliveryId, partner, code }: { deliveryId: string; partner: string; code: FaultCode },
): Settlement {
  const { policy, calendars } = hub.rules.alliance;
  const urgent = live.band === 0;
  const until = dueAt(live.now, policy.parkedFor[urgent ? 'urgent' : 'normal'], calendars.england);
  return {
    deliveryId,
    from: [live.state],
    verb: { do: 'park', forMs: until.getTime() - live.now.getTime() },
    fault: { code, stage: 'inbox', detail: FAULTS[code].means },
    owner: ownerOf(code),
    stations: ['delivery.parked'],
    detail: { code, was: live.state },
    alert: {
      key: `refused:${deliveryId}:${live.attempts}:${code}`,
      severity: urgent ? 'urgent' : 'warning',
      kind: 'delivery.parked',
      owner: ownerOf(code),
      text: `A delivery to ${partner} came back and is parked (${code}).${urgent ? ' Telephone now.' : ''}`,
    },
  };
}
