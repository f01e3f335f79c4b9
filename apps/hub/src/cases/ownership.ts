import type { Contract } from '#contracts';

/** What an accepted message says of who answers for a case. */
export interface OwnershipInput {
  /** `step.decision`, without version. */
  type: string;
  /** The contract's `x-case`. */
  case: Contract['case'];
  data: unknown;
  /** Roles that the sender fills on the day of accept. */
  senderRoles: readonly string[];
  /** The message that this one answers, if it is known. */
  cause?: {
    type: string;
    /** Roles that were asked when it was routed. */
    asked: readonly string[];
    /** A final decision on it was accepted before; the first binds. */
    decided: boolean;
  };
  /** The role that owns the case now; absent where nobody does yet. */
  owner?: string;
}

export interface OwnerChange {
  owner: string;
  /** The day from which it holds, `YYYY-MM-DD`; absent: at once. */
  from?: string;
}

/** Answers that settle a request; `need-info` asks back. */
const FINAL: readonly unknown[] = ['accepted', 'accepted-waiting', 'declined', 'withdrawn'];

/** Whether a decision binds: a later one that says otherwise is kept, and lands on the front door. */
export function isFinalDecision(type: string, data: unknown): boolean {
  return type.endsWith('.decision') && FINAL.includes(member(data, 'decision'));
}

/**
 * Who owns the case after this message; undefined where nothing changes. A case that nobody owns falls to the front door.
 * Otherwise ownership moves on one thing alone: the asked party accepts a step up or down (R6).
 */
export function ownerAfter(input: OwnershipInput): OwnerChange | undefined {
  const { type, cause, data, senderRoles, owner } = input;
  if (owner === undefined) return input.case === 'none' ? undefined : { owner: 'front-door' };
  if (type !== 'step.decision' || !cause || cause.decided) return undefined;
  if (cause.type !== 'step-up.requested' && cause.type !== 'step-down.requested') return undefined;
  // The front door gets a copy of what others are asked; only who was asked can accept.
  const accepting = cause.asked.find((role) => senderRoles.includes(role));
  if (accepting === undefined || accepting === owner) return undefined;
  const decision = member(data, 'decision');
  const from = member(data, 'ownerFrom');
  const dated = typeof from === 'string' ? { from } : {};
  if (decision === 'accepted') return { owner: accepting, ...dated };
  // Who waits stays with the giver until the day that the receiver names.
  if (decision === 'accepted-waiting' && 'from' in dated) return { owner: accepting, ...dated };
  return undefined;
}

function member(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
}
