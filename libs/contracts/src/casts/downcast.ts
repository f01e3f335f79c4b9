import type { Contract } from '../contract.js';
import type { Contracts } from '../contracts.js';
import type { Envelope } from '../envelope.js';

/** One step from a major to the one before it, pure. */
export interface Cast {
  type: string;
  from: number;
  data: (data: unknown) => unknown;
  /** What the older major cannot say: pointers into `data`. */
  loss: readonly string[];
}

/** Every step there is. Empty while all contracts are at v1. */
export const CASTS: readonly Cast[] = [];

/**
 * The envelope at the highest version, at or below its own, that the partner reads, with what was lost on the way.
 * `reads` lists `<type>.v<major>`. Undefined where the partner reads none that the casts reach.
 */
export function downcast(
  contracts: Contracts,
  contract: Contract,
  reads: readonly string[],
  envelope: Envelope,
  casts: readonly Cast[] = CASTS,
): { envelope: Envelope; loss: string[] } | undefined {
  let { data } = envelope;
  const loss: string[] = [];
  for (let major = contract.major; major >= 1; major--) {
    if (reads.includes(`${contract.type}.v${major}`)) {
      if (major === contract.major) return { envelope, loss };
      const older = contracts.byType(contract.type).find((each) => each.major === major);
      // The sender's dataschema names a minor of the major that was left behind.
      const { dataschema: _left, ...rest } = envelope;
      return older && { envelope: { ...rest, type: older.name, data }, loss };
    }
    const step = casts.find((cast) => cast.type === contract.type && cast.from === major);
    if (!step) return undefined;
    data = step.data(data);
    loss.push(...step.loss);
  }
  return undefined;
}
