import type { DeliveredEnvelope } from '#contracts';
import type { Knobs } from './knobs.js';

/** Types that no partner may turn away for what they lack. */
const SAFETY = /^mta\.(risk|crisis|safeguarding|safety-plan)\./;

/** What a partner holds against copies; it remembers how far each case has come. */
export class Objections {
  readonly #furthest = new Map<string, number>();

  /** Why this copy is refused for good; undefined when the partner takes it. */
  to(copy: DeliveredEnvelope, knobs: Knobs, now: Date): string | undefined {
    const early = this.#isOvertaken(copy);
    const safety = SAFETY.test(copy.type);
    if (knobs.refuse) return 'refuses everything';
    if (!copy.type.endsWith('.v1') && !knobs.takesAnyVersion) return 'reads no such version';
    if (knobs.refusesOutOfOrder && early) return 'comes after a later one';
    if (knobs.refusesLate && isLate(copy, now)) return 'comes after its time';
    const said = membersOf(copy.data);
    if (safety) return knobs.refusesIncompleteSafety && said < 2 ? 'lacks something' : undefined;
    return said === 0 && !knobs.takesBad ? 'says nothing' : undefined;
  }

  #isOvertaken({ caseref, caseseq }: DeliveredEnvelope): boolean {
    if (caseref === undefined || caseseq === undefined) return false;
    const furthest = this.#furthest.get(caseref) ?? 0;
    this.#furthest.set(caseref, Math.max(furthest, caseseq));
    return caseseq < furthest;
  }
}

function isLate({ replyby }: DeliveredEnvelope, now: Date): boolean {
  return replyby !== undefined && Date.parse(replyby) < now.getTime();
}

function membersOf(data: unknown): number {
  return typeof data === 'object' && data !== null ? Object.keys(data).length : 0;
}
