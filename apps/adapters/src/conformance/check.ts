/** What one check found: `skipped` where this partner or its channel has nothing to check, with the reason. */
export type Result = 'passed' | 'failed' | 'skipped';

/** One named thing that is held against a partner, or against the hub as that partner meets it. */
export interface Check<On> {
  /** Stable: `config/conformance` and people name it. */
  id: string;
  title: string;
  /** What is right, in words for people. */
  expected: string;
  run(on: On): Promise<Found>;
}

/** `observed` is a sentence for people. It holds codes and counts, nothing of a message and no word of a partner's. */
export interface Found {
  result: Result;
  observed: string;
}

export const passed = (observed: string): Found => ({ result: 'passed', observed });
export const failed = (observed: string): Found => ({ result: 'failed', observed });
export const skipped = (observed: string): Found => ({ result: 'skipped', observed });

/** Passed when nothing is wrong; else what is. */
export function verdict(wrong: readonly string[], right: string): Found {
  return wrong.length === 0 ? passed(right) : failed(`${wrong.join('; ')}.`);
}

/** A check that breaks off has not passed: its error's text is ours (a connection, a status), never a message. */
export async function found<On>(check: Check<On>, on: On): Promise<Found> {
  try {
    return await check.run(on);
  } catch (error) {
    return failed(`The check could not be carried through: ${(error as Error).message}`);
  }
}
