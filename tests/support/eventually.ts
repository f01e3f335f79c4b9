import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `fn` until it no longer throws, and answers what it answered. After `within` milliseconds (10,000 where none
 * is given) it throws what `fn` threw last.
 */
export async function eventually<T>(
  fn: () => T | Promise<T>,
  { within = 10_000 }: { within?: number } = {},
): Promise<T> {
  const until = Date.now() + within;
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 100)) {
    try {
      return await fn();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await pause(wait);
  }
}
