import type { Pool } from 'pg';
import type { FaultCode, LiveState } from '#contracts';

/** How a live delivery stands, for a partner that speaks of its copy. */
export interface CarriedDelivery {
  state: LiveState;
  code: FaultCode | null;
  band: number;
  /** How often it was claimed; 0: no copy of it can be known to anybody. */
  attempts: number;
  /** The latest claim. */
  attemptId: string | null;
  /** What the channel called the copy that was handed over last. */
  reference: string | null;
  /** Ledger time of the look. */
  now: Date;
}

/** One live delivery of a partner's; undefined where none of this id lives. */
export async function readCarried(
  pool: Pool,
  partner: string,
  deliveryId: string,
): Promise<CarriedDelivery | undefined> {
  const { rows } = await pool.query<CarriedDelivery>(
    `select d.state, d.fault_code as code, d.band, d.attempts, d.attempt_id as "attemptId", ledger_now() as now,
       (select t.detail->>'reference' from timeline t
        where t.message_id = d.message_id and t.delivery_id = d.delivery_id and 'delivery.handed-over' = any(t.stations)
        order by t.id desc limit 1) as reference
     from delivery d where d.partner = $1 and d.delivery_id = $2`,
    [partner, deliveryId],
  );
  return rows[0];
}
