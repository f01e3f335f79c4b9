/** How one simulator misbehaves. Everything off is a good partner. */
export interface Knobs {
  /** Refuses connections (an inbox partner stops fetching). */
  down: boolean;
  /** Milliseconds that it takes to answer. */
  slowMs: number;
  /** Share of requests, 0 to 1, that fail before anything is processed; spread evenly, not by chance. */
  errorRate: number;
  errorKind: ErrorKind;
  /** Processes, then breaks the connection instead of answering. */
  dropAnswerAfterProcessing: boolean;
  /** Processes, then answers with its marker of a duplicate. */
  duplicateAnswer: boolean;
  /** Processes, then answers with another message's id. */
  wrongAnswer: boolean;
  /** Processes, then answers with a page. */
  htmlAnswer: boolean;
  /** Refuses every message for good (422). */
  refuse: boolean;
  /** Forgets what it had: a repeat is processed again. */
  acceptsDuplicates: boolean;
  /** Milliseconds from receiving a message to each business answer. */
  decideAfterMs: number;
  /** What it decides; `by-case` is one of accepted, accepted-waiting and declined, always the same for a case. */
  decision: DecisionKnob;
  /** Decides again, and otherwise. */
  decidesTwice: boolean;
  /** Answers that it has the copy, and has not. */
  answersBeforeTaking: boolean;
  /** Takes a copy that says nothing of what its contract demands. */
  takesBad: boolean;
  /** Takes versions that it cannot read. */
  takesAnyVersion: boolean;
  /** Takes copies from whoever knocks. */
  takesAnybody: boolean;
  /** Refuses what comes after its time. */
  refusesLate: boolean;
  /** Refuses what comes after a later message of the same case. */
  refusesOutOfOrder: boolean;
  /** Refuses a safety message that lacks something. */
  refusesIncompleteSafety: boolean;
}

export const DECISIONS = ['accepted', 'accepted-waiting', 'need-info', 'declined', 'by-case'] as const;
export type DecisionKnob = (typeof DECISIONS)[number];

export const ERROR_KINDS = ['server-error', 'unavailable', 'rate-limited', 'unauthorised', 'reset'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** A good partner. */
export const GOOD: Knobs = {
  down: false,
  slowMs: 0,
  errorRate: 0,
  errorKind: 'server-error',
  dropAnswerAfterProcessing: false,
  duplicateAnswer: false,
  wrongAnswer: false,
  htmlAnswer: false,
  refuse: false,
  acceptsDuplicates: false,
  decideAfterMs: 0,
  decision: 'accepted',
  decidesTwice: false,
  answersBeforeTaking: false,
  takesBad: false,
  takesAnyVersion: false,
  takesAnybody: false,
  refusesLate: false,
  refusesOutOfOrder: false,
  refusesIncompleteSafety: false,
};

/** Knobs that are one word of a few. */
const WORDS: Partial<Record<string, readonly string[]>> = { errorKind: ERROR_KINDS, decision: DECISIONS };

/**
 * Reads a change of knobs from outside.
 * @throws Error naming every knob that is unknown or of the wrong kind
 */
export function readKnobs(change: unknown): Partial<Knobs> {
  if (typeof change !== 'object' || change === null || Array.isArray(change))
    throw new Error(`Send a JSON object with some of: ${Object.keys(GOOD).join(', ')}.`);
  const wrong = Object.entries(change).flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (wrong.length > 0) throw new Error(wrong.join(' '));
  return change;
}

function problemOf(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(GOOD, name))
    return `There is no knob ${name}; there are ${Object.keys(GOOD).join(', ')}.`;
  const words = WORDS[name];
  if (words) return words.includes(value as string) ? undefined : `${name} is one of ${words.join(', ')}.`;
  const wanted = typeof GOOD[name as keyof Knobs];
  if (typeof value !== wanted) return `${name} is a ${wanted}.`;
  if (typeof value !== 'number') return undefined;
  const most = name === 'errorRate' ? 1 : 600_000;
  return value >= 0 && value <= most ? undefined : `${name} is from 0 to ${most}.`;
}
