import { ledgerTrouble } from '../platform/safe-error.js';
import type { CopyFacts } from '../store/claim-deliveries.js';
import type { DerivedCopy } from './derive-copy.js';

/** What the record keeps of a copy that may have left: its form, and the statements of consent that let it out. */
export interface LeftCopy {
  /** Digest of a `copy_form`. */
  form: string;
  /** Messages that said that it may. */
  consent?: readonly string[];
}

/** An attempt of which nothing more is known than the ledger holds. */
export interface AttemptOf {
  deliveryId: string;
  attemptId: string;
}

type ClaimedCopy = CopyFacts & { attemptId: string | null; claimedAt: Date | null };

export interface LeftCopiesTools {
  /** Keeps forms and answers their digests. */
  keep(forms: readonly object[]): Promise<string[]>;
  /** Live deliveries as they stood when they were claimed. */
  readClaimed(deliveryIds: readonly string[]): Promise<ClaimedCopy[]>;
  derive(facts: CopyFacts, at: Date): Promise<DerivedCopy>;
}

/** More than can be under way from one process; beyond it the oldest, whose facts went elsewhere, are let go. */
const MOST = 20_000;

/**
 * What left, from dispatch to the row that settle writes anyway. It is only remembered: where another process settles an
 * attempt, or the one that made it died, the copy is derived again as it stood at the claim.
 */
export class LeftCopies {
  private readonly underWay = new Map<string, LeftCopy>();

  constructor(private readonly tools: LeftCopiesTools) {}

  /** Keeps the forms, and remembers them by attempt. Resolves before anything may leave. */
  async note(copies: readonly { attemptId: string; copy: DerivedCopy }[]): Promise<Map<string, LeftCopy>> {
    const made = copies.flatMap(({ attemptId, copy }) => (copy.message ? [{ attemptId, copy }] : []));
    const forms = await this.tools.keep(made.map(({ copy }) => copy.form));
    const noted = new Map(
      made.map(({ attemptId, copy }, i) => [attemptId, leftCopy(forms[i] as string, copy.consent)]),
    );
    for (const [attemptId, left] of noted) this.underWay.set(attemptId, left);
    for (const attemptId of this.underWay.keys()) {
      if (this.underWay.size <= MOST) break;
      this.underWay.delete(attemptId);
    }
    return noted;
  }

  /** What these attempts carried; one whose delivery has ended, or whose body cannot be opened, is missing. */
  async take(attempts: readonly AttemptOf[]): Promise<Map<string, LeftCopy>> {
    const taken = new Map<string, LeftCopy>();
    for (const { attemptId } of attempts) {
      const left = this.underWay.get(attemptId);
      if (left) taken.set(attemptId, left);
      this.underWay.delete(attemptId);
    }
    const unknown = attempts.filter(({ attemptId }) => !taken.has(attemptId));
    if (unknown.length > 0) for (const [id, left] of await this.deriveAgain(unknown)) taken.set(id, left);
    return taken;
  }

  private async deriveAgain(attempts: readonly AttemptOf[]): Promise<Map<string, LeftCopy>> {
    const asked = new Set(attempts.map(({ attemptId }) => attemptId));
    const claimed = await this.tools.readClaimed(attempts.map(({ deliveryId }) => deliveryId));
    const copies = await Promise.all(
      claimed.flatMap((facts) =>
        facts.attemptId !== null && asked.has(facts.attemptId)
          ? [this.asClaimed(facts, facts.attemptId)]
          : [],
      ),
    );
    const noted = await this.note(copies);
    for (const attemptId of noted.keys()) this.underWay.delete(attemptId);
    return noted;
  }

  private async asClaimed(
    facts: ClaimedCopy,
    attemptId: string,
  ): Promise<{ attemptId: string; copy: DerivedCopy }> {
    try {
      // A recall that was known at the claim would not have let it leave.
      const copy = await this.tools.derive({ ...facts, recalled: false }, facts.claimedAt ?? new Date());
      return { attemptId, copy };
    } catch (error) {
      if (ledgerTrouble(error)) throw error;
      // The outcome must be settled all the same.
      return { attemptId, copy: { action: 'park', code: 'defect/unexpected' } };
    }
  }
}

function leftCopy(form: string, consent: readonly string[]): LeftCopy {
  return { form, ...(consent.length > 0 && { consent }) };
}
