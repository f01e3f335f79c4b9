import { setTimeout as sleep } from 'node:timers/promises';
import type { Door, Pickup } from './pickup.js';
import { turnAt, type Turn } from './turn.js';

export interface CollectLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A partner's place that cannot be reached is looked at less and less often, down to once in this time. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Looks at one partner's place again and again, one look at a time. A look that fails is told and tried again, later
 * each time; nothing is lost by it, because nothing was moved. Where several processes run, one of them looks. `stop` ends
 * the look under way and then the pickup.
 */
export function collectLoop(
  pickup: Pickup,
  door: Door,
  { everyMs, log }: { everyMs: number; log: CollectLog },
): { stop(): Promise<void> } {
  const ending = new AbortController();
  const { signal } = ending;
  const turn = turnAt(door, everyMs);
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      failures = (await look(pickup, { door, turn, signal, log })) ? 0 : failures + 1;
      const pause = Math.min(everyMs * 2 ** failures, Math.max(everyMs, LONGEST_PAUSE_MS));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      ending.abort();
      await running;
      await turn.giveBack();
      await pickup.close();
    },
  };
}

async function look(
  pickup: Pickup,
  { door, turn, signal, log }: { door: Door; turn: Turn; signal: AbortSignal; log: CollectLog },
): Promise<boolean> {
  const { partner } = pickup;
  try {
    if (!(await turn.isOurs()) || signal.aborted) return true;
    const taken = await turn.keepWhile(() => pickup.collect(door, signal));
    if (taken > 0) log.info({ partner, taken }, 'pickup.taken');
    return true;
  } catch (error) {
    if (!signal.aborted) log.warn({ partner, ...nameOf(error) }, 'pickup.failed');
    return false;
  }
}

/** An error's text may quote what lay there; its name and code do not. */
function nameOf(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  return { error: error.name, ...(code !== undefined && { code: String(code) }) };
}
