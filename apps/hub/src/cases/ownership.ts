import { FRONT_DOORS, type CaseArea, type Contract } from '#contracts';

/** What an accepted message says of who answers for a case. */
export interface OwnershipInput {
  /** `step.decision`, without version. */
  type: string;
  /** The contract's `x-case`. */
  case: Contract['case'];
  data: unknown;
  /** Whose case it is, or will be. */
  area: CaseArea;
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

/** Answers by which the asked party may take a case over, each with the requests that ask it to. */
const TAKES_OVER: Partial<Record<string, readonly string[]>> = {
  'step.decision': ['step-up.requested', 'step-down.requested'],
  'referral.redirected.accepted': ['referral.redirected'],
};
/** Answers that carry a `decision` and are not called one. */
const DECISIONS: readonly string[] = ['referral.redirected.accepted', 'referral.redirected.declined'];

/** Answers that settle a request; `need-info` asks back. */
const FINAL: readonly unknown[] = ['accepted', 'accepted-waiting', 'declined', 'withdrawn'];

/** Whether a decision binds: a later one that says otherwise is kept, and lands on the front door. */
export function isFinalDecision(type: string, data: unknown): boolean {
  return (type.endsWith('.decision') || DECISIONS.includes(type)) && FINAL.includes(member(data, 'decision'));
}

/**
 * Who owns the case after this message; undefined where nothing changes. A case that nobody owns falls to its front door.
 * Otherwise ownership moves on one thing alone: the asked party accepts a step up or down, or a redirect (R6).
 */
export function ownerAfter(input: OwnershipInput): OwnerChange | undefined {
  const { type, cause, data, senderRoles, owner, area } = input;
  if (owner === undefined) return input.case === 'none' ? undefined : { owner: FRONT_DOORS[area] };
  if (!cause || cause.decided || !TAKES_OVER[type]?.includes(cause.type)) return undefined;
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
