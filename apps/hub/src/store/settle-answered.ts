import type { Pool } from 'pg';
import type { DeliveryState } from '#contracts';
import type { Settlement } from './settle-deliveries.js';

/** States from which a business answer that names the message ends its delivery (R4). */
const LIVE: readonly DeliveryState[] = ['queued', 'ready', 'claimed', 'handed-over', 'blocked', 'parked'];

/**
 * The live delivery of a message to the partner that has answered it, as acknowledged; undefined where none lives. An
 * answer may overtake the outcome of its own attempt, which then finds nothing to settle: `under` is that attempt.
 */
export async function settleAnswered(
  pool: Pool,
  cause: string,
  partner: string,
): Promise<
  { settlement: Settlement; under?: { deliveryId: string; attemptId: string; attempt: number } } | undefined
> {
  const { rows } = await pool.query<{
    deliveryId: string;
    attemptId: string | null;
    attempt: number;
    state: string;
  }>({
    text: `select delivery_id as "deliveryId", attempt_id as "attemptId", attempts as attempt, state
           from delivery where message_id = $1 and partner = $2`,
    values: [cause, partner],
  });
  const live = rows[0];
  if (!live) return undefined;
  const { deliveryId, attemptId, attempt, state } = live;
  const settlement: Settlement = {
    deliveryId,
    from: LIVE,
    verb: { do: 'end', state: 'acknowledged' },
    stations: ['partner.received'],
    detail: { note: 'a business answer names it' },
  };
  return {
    settlement,
    ...(state === 'claimed' && attemptId !== null && { under: { deliveryId, attemptId, attempt } }),
  };
}
