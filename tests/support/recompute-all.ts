import { recomputes } from '../../apps/hub/src/intake/explain-routing.js';
import type { RoutingDecision } from '../../apps/hub/src/intake/route.js';
import type { HubApp } from '../../apps/hub/src/hub-app.js';

/** Makes every stored decision of a hub again from what is stored with it; throws where one comes out otherwise. */
export async function recomputeAll(hub: HubApp['hub']): Promise<number> {
  const { rows } = await hub.parts.pool.query<{
    message_id: string;
    type: string;
    decision: RoutingDecision;
  }>("select message_id, type, decision from message where decision ? 'recipients'");
  const other = rows.filter(({ decision }) => recomputes(hub.rules.router, decision) !== 'same');
  if (other.length > 0)
    throw new Error(
      `These decisions cannot be made again: ${other.map(({ type, message_id: id }) => `${type} ${id}`).join(', ')}`,
    );
  return rows.length;
}
