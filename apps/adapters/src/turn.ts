import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Door } from './pickup.js';

/** A process that says nothing more keeps its turn for this long, or for two looks where they are further apart. */
const AT_LEAST_MS = 60_000;
const MOST_MS = 3_600_000;
/** How long giving it back may hold up a stop. */
const BACK_WITHIN_MS = 1_000;

/**
 * Of several processes that could look at a partner's place, the hub lets one: two would hand the same thing in twice,
 * which harms nothing, and answer it twice, which puzzles whoever reads the answers.
 */
export interface Turn {
  /** Whether it is ours. Throws when the hub cannot say. */
  isOurs(): Promise<boolean>;
  /** Does something, however long it takes, and keeps the turn meanwhile. */
  keepWhile<T>(work: () => Promise<T>): Promise<T>;
  /** Lets another process look at once. */
  giveBack(): Promise<void>;
}

export function turnAt(door: Door, everyMs: number): Turn {
  const holder = randomUUID();
  const forMs = Math.min(MOST_MS, Math.max(AT_LEAST_MS, 2 * everyMs));
  let ours = false;
  let askedAt = -Infinity;
  const ask = async (howLong: number): Promise<boolean> => {
    const body = JSON.stringify({ holder, forMs: howLong });
    const answer = await door.post('/v1/pickups/turn', 'application/json', body);
    if (answer.status !== 200)
      throw Object.assign(new Error(`The hub answered ${answer.status}.`), { code: String(answer.status) });
    return (JSON.parse(answer.body) as { granted?: unknown }).granted === true;
  };
  const renew = async (): Promise<boolean> => {
    ours = false;
    const at = performance.now();
    ours = await ask(forMs);
    askedAt = at;
    return ours;
  };
  return {
    isOurs: async () => (ours && performance.now() - askedAt < forMs / 3 ? true : renew()),
    keepWhile: async (work) => {
      const timer = setInterval(() => void renew().catch(() => undefined), forMs / 3);
      try {
        return await work();
      } finally {
        clearInterval(timer);
      }
    },
    giveBack: async () => {
      if (!ours) return;
      ours = false;
      const back = ask(0).catch(() => false);
      await Promise.race([back, sleep(BACK_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}
