import { namesACase, type CaseArea, type Contract, type Envelope } from '#contracts';

interface PlacedCase {
  caseRef: string;
  area: CaseArea;
  owner: string;
  ownerPartner: string;
  test: boolean;
  parties: string[];
}

/** What the ledger knows of the cases that a message may mean. */
export interface CaseContext {
  case: PlacedCase | null;
  partnerCase: PlacedCase | null;
  cause: { case: PlacedCase | null } | null;
  /** What is taken back is taken back in its own case. */
  recalled?: { case: PlacedCase | null } | null;
}

export type Placement =
  | { in: 'none' }
  | { in: 'known'; case: PlacedCase }
  /** `provisional`: it should have joined a case that we do not know; the front door links it. */
  | { in: 'new'; provisional: boolean }
  | { in: 'mismatch' };

/**
 * Which case a message belongs to. A reference that is unknown or another's looks the same as a new one, so that
 * nobody can probe for cases. Pure.
 */
export function placeInCase(
  contract: Pick<Contract, 'case' | 'safety'>,
  envelope: Pick<Envelope, 'caseref' | 'partnercaseref' | 'causationid' | 'testflag'>,
  context: CaseContext,
): Placement {
  if (contract.case === 'none') return { in: 'none' };
  const { case: named, partnerCase: bound, cause, recalled } = context;
  // What names no case is about no child: a count of a group, a month's figures.
  if (contract.case === 'may-join' && !namesACase(envelope) && !recalled?.case) return { in: 'none' };
  const disagree = bound !== null && envelope.caseref !== undefined && bound.caseRef !== envelope.caseref;
  // A safety message is never refused for it (R8): it goes to the case that it names and we know.
  if (disagree && !contract.safety) return { in: 'mismatch' };
  const found = recalled?.case ?? named ?? bound ?? cause?.case ?? undefined;
  if (!found) return { in: 'new', provisional: contract.case !== 'opens' || envelope.caseref !== undefined };
  if (found.test !== (envelope.testflag === true))
    return contract.safety ? { in: 'new', provisional: true } : { in: 'mismatch' };
  return { in: 'known', case: found };
}

/**
 * Whose case the message is about: the area of the case that it is placed in, or that the message has which it answers or
 * takes back. Undefined where nothing but its sender tells. Pure.
 */
export function caseAreaOf(
  { type }: Pick<Contract, 'type'>,
  placement: Placement,
  { cause, recalled }: Pick<CaseContext, 'cause' | 'recalled'>,
): CaseArea | undefined {
  if (placement.in === 'known') return placement.case.area;
  const near = recalled?.case ?? cause?.case;
  if (near) return near.area;
  // A referral asks the front door of Medway to take a child on, whoever makes it: what moves to Kent is redirected.
  return type === 'referral.submitted' ? 'medway' : undefined;
}
