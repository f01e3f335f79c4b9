import { setTimeout as sleep } from 'node:timers/promises';

/** What the partner's test system shows of what it was sent: how often a delivery was processed. */
export interface Evidence {
  /** How often the delivery was processed; waits a little for at least `atLeast`. */
  processed(deliveryId: string, atLeast?: number): Promise<number>;
}

const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 50;

/**
 * Reads a list `[{ deliveryid, processed }]` at a URL, as the simulators' control shows it. What a partner has done with
 * a copy shows in no answer of its endpoint, so without such a list nobody can say that a repeat was processed once.
 */
export function evidenceAt(url: string, patienceMs = PATIENCE_MS): Evidence {
  const look = async (deliveryId: string): Promise<number> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const list: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
    if (!Array.isArray(list))
      throw new Error(`${url} shows no list of what was received (HTTP ${response.status})`);
    const entry = (list as { deliveryid?: unknown; processed?: unknown }[]).find(
      (one) => one?.deliveryid === deliveryId,
    );
    return Number(entry?.processed ?? 0);
  };
  return {
    processed: async (deliveryId, atLeast = 0) => {
      const until = Date.now() + patienceMs;
      for (;;) {
        const count = await look(deliveryId);
        if (count >= atLeast || Date.now() >= until) return count;
        await sleep(LOOK_EVERY_MS);
      }
    },
  };
}
