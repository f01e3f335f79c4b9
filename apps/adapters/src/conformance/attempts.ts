import type { Outcome, OutcomeClass, Work } from '#contracts';
import type { Acknowledgements } from '../acknowledgements.js';
import type { Adapter } from '../adapter.js';

/** How a copy is carried, and where the partner's word on it is heard. */
export interface Carrying {
  adapter: Adapter;
  /** Where this channel answers later, and elsewhere; absent where nobody here can see that. */
  acknowledgements: Acknowledgements | undefined;
  /** How long a simulator or test system may take to acknowledge and to decide, in milliseconds. */
  decideWithinMs: number;
}

/** One attempt, and nothing that comes later. */
export const attempt = async (adapter: Adapter, work: Work): Promise<Outcome> =>
  adapter.attempt(work, AbortSignal.timeout(work.timeoutMs));

/** One attempt with the partner's word on it, in the answer itself or where it is left for us. */
export async function wordOn(on: Carrying, work: Work): Promise<Outcome> {
  return laterWordOn(on, work, await attempt(on.adapter, work));
}

/** What became of a copy that lies where the partner fetches it; any other outcome is the word already. */
export async function laterWordOn(
  { acknowledgements, decideWithinMs }: Carrying,
  { deliveryId }: Work,
  outcome: Outcome,
): Promise<Outcome> {
  if (outcome.class !== 'handed-over' || !acknowledgements) return outcome;
  switch (await acknowledgements.of(deliveryId, decideWithinMs)) {
    case 'taken':
      return { class: 'delivered', arrived: 'yes', code: 'acknowledged' };
    case 'refused':
      return { class: 'refused-permanent', arrived: 'yes', code: 'refused' };
    case 'unreadable':
      return { ...outcome, evidence: { note: 'its acknowledgement cannot be read' } };
    case undefined:
      return { ...outcome, evidence: { note: `not acknowledged within ${decideWithinMs} ms` } };
  }
}

/** An adapter that throws has a defect, as the hub would call it. */
export const asDefect = (error: unknown): Outcome => ({
  class: 'defect',
  arrived: 'no',
  code: 'adapter-error',
  evidence: { note: (error as Error).message },
});

const WORDS: Record<OutcomeClass, string> = {
  delivered: 'taken',
  'handed-over': 'handed over',
  'refused-transient': 'not taken for now',
  'refused-permanent': 'refused for good',
  'refused-auth': 'turned away',
  defect: 'not carried, by a defect of our adapter',
};

/** How a copy fared, for people: what follows on "it was", with our code and the status as evidence. */
export function said({ class: kind, code, evidence }: Outcome): string {
  const why = [code !== kind && code, evidence?.status && `HTTP ${evidence.status}`, evidence?.note];
  const known = why.filter(Boolean).join(', ');
  return known === '' ? WORDS[kind] : `${WORDS[kind]} (${known})`;
}

export const isRefused = (outcome: Outcome): boolean => outcome.class === 'refused-permanent';

/** It lies there, and the partner has not said a word. */
export const isUnanswered = (outcome: Outcome): boolean => outcome.class === 'handed-over';
