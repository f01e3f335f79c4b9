import type { Pool } from 'pg';
import type { LiveState } from '#contracts';
import type { Settlement } from './settle-deliveries.js';

/** An attempt that is under way while something else proves that its copy arrived. */
export interface UnderWay {
  deliveryId: string;
  attemptId: string;
  attempt: number;
}

/**
 * The live delivery of a message to the partner that has answered it, as acknowledged from the state in which it is seen;
 * undefined where none lives. An answer ends it from any (R4), and may overtake the outcome of its own attempt, which then
 * finds nothing to settle: `under` is that attempt.
 */
export async function settleAnswered(
  pool: Pool,
  cause: string,
  partner: string,
): Promise<{ settlement: Settlement; under?: UnderWay } | undefined> {
  const { rows } = await pool.query<{
    deliveryId: string;
    attemptId: string | null;
    attempt: number;
    state: LiveState;
  }>({
    text: `select delivery_id as "deliveryId", attempt_id as "attemptId", attempts as attempt, state
           from delivery where message_id = $1 and partner = $2`,
    values: [cause, partner],
  });
  const live = rows[0];
  if (!live) return undefined;
  const { deliveryId, attemptId, attempt, state } = live;
  const under = state === 'claimed' && attemptId !== null ? { deliveryId, attemptId, attempt } : undefined;
  const settlement: Settlement = {
    deliveryId,
    ...(under && { attemptId: under.attemptId }),
    from: [state],
    verb: { do: 'end', state: 'acknowledged' },
    stations: ['partner.received'],
    detail: { note: 'a business answer names it' },
  };
  return { settlement, ...(under && { under }) };
}
