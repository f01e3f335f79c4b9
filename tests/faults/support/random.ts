import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Random moments that can be had again: the seed is printed, and FAULT_SEED repeats it. */
export interface Moments {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  oneOf<T>(choices: readonly T[]): T;
  /** Resolves at a random moment between so many milliseconds from now. */
  passes(least: number, most: number): Promise<void>;
}

export function moments(name: string): Moments {
  const seed = Number(process.env.FAULT_SEED ?? randomInt(2 ** 31));
  process.stderr.write(`${name}: FAULT_SEED=${seed}\n`);
  let state = seed;
  // mulberry32: four lines, and the same on every machine.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    seed,
    next,
    oneOf: (choices) => choices[Math.floor(next() * choices.length)]!,
    passes: (least, most) => sleep(least + next() * (most - least)),
  };
}

/** A whole number from the environment, for the long runs by hand. */
export function numberFrom(name: string, byDefault: number): number {
  const given = process.env[name];
  if (given === undefined || given === '') return byDefault;
  if (!/^\d+$/.test(given)) throw new Error(`${name} must be a whole number, not "${given}".`);
  return Number(given);
}
