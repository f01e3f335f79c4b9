import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { topics, type Alliance, type Fact } from '#contracts';
import type { Wire } from '#wire';
import type { Logger } from '../platform/log.js';
import { doubtCopies } from '../store/after-restore.js';
import { readIntakeOffsets } from '../store/intake-offsets.js';

export interface RestoreTools {
  pool: Pool;
  wire: Wire;
  alliance: Alliance;
  log: Logger;
  /** LINE 3 for facts that are read again. */
  settleFacts(facts: readonly Fact[]): Promise<void>;
  /** Makes the hub's own receipts that are due. */
  tellOrigins(): Promise<void>;
}

/** The clocks of brokers and ledger may differ by this much, in milliseconds. */
const REREAD_BEFORE_MS = 60_000;

/**
 * Brings a ledger that was put back from a backup up to what the topics know. First the intake topics are read to their
 * end, so that what the backup missed is there again, under the delivery ids that it had; then the facts since the
 * backup are settled once more; then every copy that was begun and whose end is not known is put in doubt. The intake
 * and the ordinary reading run meanwhile; nothing is claimed yet. Whoever dies on the way begins anew at the next start.
 */
export async function takeUpRestored(tools: RestoreTools, restoredTo: Date): Promise<void> {
  const { pool, wire, log } = tools;
  log.warn({ restoredTo }, 'taking up a restored ledger: reading the intake topics to their end');
  for (const { id } of tools.alliance.partners) await readToItsEnd(tools, topics.intake(id));
  const begun = new BegunCopies();
  const since = new Date(Math.max(0, restoredTo.getTime() - REREAD_BEFORE_MS));
  const readAgain = (): Promise<boolean> =>
    wire.rereadFacts(since, async (facts) => {
      await tools.settleFacts(facts);
      begun.note(facts);
    });
  await readAgain();
  // What has ended now is told to its origin as it was before, and those copies may have arrived too.
  await tools.tellOrigins();
  const provable = await readAgain();
  const doubts = await doubtCopies(pool, provable ? begun.withoutEnd() : 'all');
  log.warn({ ...doubts, provable }, 'the restored ledger is taken up');
}

/** Waits until the ledger has taken every record that is on the topic now. */
async function readToItsEnd({ pool, wire }: RestoreTools, topic: string): Promise<void> {
  const ends = await wire.endsOf(topic);
  for (;;) {
    const taken = await readIntakeOffsets(pool, topic);
    if ([...ends].every(([partition, end]) => BigInt(taken.get(partition) ?? 0) >= BigInt(end))) return;
    await sleep(200);
  }
}

/** Attempts that may have reached a partner, of copies of which no fact says that they did. */
class BegunCopies {
  private readonly attempts = new Map<string, Set<string>>();
  private readonly arrived = new Set<string>();

  note(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.kind === 'mark') continue;
      const { deliveryId, attemptId } = fact;
      const known = this.attempts.get(deliveryId) ?? new Set();
      this.attempts.set(deliveryId, known);
      const isOutcome = fact.kind === 'outcome';
      if (isOutcome && fact.outcome.class === 'delivered') this.arrived.add(deliveryId);
      // What was handed over may have been fetched and acknowledged since: that is in doubt too.
      if (fact.kind === 'started' || (isOutcome && fact.outcome.arrived !== 'no')) known.add(attemptId);
      else known.delete(attemptId);
    }
  }

  withoutEnd(): string[] {
    return [...this.attempts].flatMap(([id, begun]) => (begun.size > 0 && !this.arrived.has(id) ? [id] : []));
  }
}
