import type { Outcome, Work } from '#contracts';
import type { Breaker } from '#channels/breaker.js';
import type { Wire } from '#wire';
import type { Adapter } from './adapter.js';

/** What carries one partner's work in this process. */
export interface Carrier {
  adapter: Adapter;
  breaker: Breaker;
  wire: Pick<Wire, 'kind' | 'sendFacts'>;
  /** Told of an adapter that threw; it must keep the error's text to itself, for that may quote a payload. */
  onDefect: (work: Work, error: unknown) => void;
}

/**
 * Carries one piece of work and tells the hub how it ended. What is past its `notAfter` is never begun: its lease has
 * been given away, or is about to be. Over Kafka a `started` is out, and taken by the broker, before the first byte is;
 * on the local wire the claim itself says so.
 */
export async function runAttempt(carrier: Carrier, work: Work): Promise<void> {
  const { wire } = carrier;
  const { deliveryId, attemptId, partner } = work;
  const tell = (fact: Told): Promise<void> => wire.sendFacts([{ ...fact, deliveryId, attemptId, partner }]);

  if (wire.kind === 'local') {
    // Here the lease would take silence for "started", so that work dropped late has to be handed back.
    if (isLate(work)) return tell({ kind: 'returned' });
  } else {
    if (isLate(work)) return;
    try {
      await tell({ kind: 'started' });
    } catch {
      return tell({ kind: 'returned' });
    }
    // The broker may have taken its time.
    if (isLate(work)) return tell({ kind: 'outcome', outcome: EXPIRED });
  }
  await tell({ kind: 'outcome', outcome: await attempt(carrier, work) });
}

type Told = { kind: 'started' } | { kind: 'returned' } | { kind: 'outcome'; outcome: Outcome };

const EXPIRED: Outcome = { class: 'refused-transient', arrived: 'no', code: 'expired' };

const isLate = (work: Work): boolean => Date.now() > Date.parse(work.notAfter);

/** One try, within its time. Never throws: whatever an adapter throws is a defect, and the body may have left. */
async function attempt({ adapter, breaker, onDefect }: Carrier, work: Work): Promise<Outcome> {
  const once = (): Promise<Outcome> => adapter.attempt(work, AbortSignal.timeout(work.timeoutMs));
  try {
    // Urgent work is never held up by a fuse: its own small window bounds it.
    return work.band === 'urgent' ? await once() : await breaker.run(once);
  } catch (error) {
    onDefect(work, error);
    return { class: 'defect', arrived: 'maybe', code: 'adapter-error' };
  }
}
