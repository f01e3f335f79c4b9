import type { Pool } from 'pg';
import type { DeliveryState } from '#contracts';
import type { Settlement } from './settle-deliveries.js';

/** States from which a business answer that names the message ends its delivery (R4). */
const LIVE: readonly DeliveryState[] = ['queued', 'ready', 'claimed', 'handed-over', 'blocked', 'parked'];

/** The live delivery of a message to the partner that has answered it, as acknowledged; undefined where none lives. */
export async function settleAnswered(
  pool: Pool,
  cause: string,
  partner: string,
): Promise<Settlement | undefined> {
  const { rows } = await pool.query<{ delivery_id: string }>({
    text: 'select delivery_id from delivery where message_id = $1 and partner = $2',
    values: [cause, partner],
  });
  const deliveryId = rows[0]?.delivery_id;
  if (deliveryId === undefined) return undefined;
  return {
    deliveryId,
    from: LIVE,
    verb: { do: 'end', state: 'acknowledged' },
    stations: ['partner.received'],
    detail: { note: 'a business answer names it' },
  };
}
