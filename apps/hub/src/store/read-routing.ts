import type { Pool } from 'pg';

/** The stored decision of one message. */
export interface StoredRouting {
  messageId: string;
  type: string;
  source: string;
  acceptedAt: string;
  /** As intake stored it. */
  decision: unknown;
}

/** For staff (`partner` null) and the sender; a recipient learns nothing of the others from it. */
export async function readRouting(
  pool: Pool,
  messageId: string,
  viewer: { partner: string | null },
): Promise<StoredRouting | undefined> {
  const { rows } = await pool.query(
    `select message_id as "messageId", type, source, accepted_at as "acceptedAt", decision from message
     where message_id = $1 and ($2::text is null or source = '/partners/' || $2) and decision ? 'recipients'`,
    [messageId, viewer.partner],
  );
  return rows[0] as StoredRouting | undefined;
}
