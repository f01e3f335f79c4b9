import type { Agreement, ConsentStatement, Contract, FaultCode, Sensitivity, SharingBasis } from '#contracts';

/** What may leave, to whom. Only `decideSharing` makes one, and `minimise` takes nothing else. */
export interface Permit {
  readonly partner: string;
  /** A field leaves only if one of its purposes is among these … */
  readonly purposes: readonly string[];
  /** … and it is no more sensitive than this. */
  readonly sensitivityCap: Sensitivity;
  /** Where the derived body holds anything above this, no message is made of it. */
  readonly refuseAbove?: Sensitivity;
  /** Nobody may learn where the person is: what locates them leaves on no ground whatever. */
  readonly restricted?: true;
  readonly [permitted]: true;
}
declare const permitted: unique symbol;

/** On what ground a copy leaves, for the record. */
export interface Ground {
  /** `safety`: a type that nothing holds back (R8); `notice`: a type of which whoever is concerned must always hear. */
  basis: SharingBasis | 'safety' | 'notice';
  /** The agreement that was in force; absent where none was needed. */
  agreement?: string;
  /** The messages whose consent statements opened the door. */
  consent?: string[];
}

export type Sharing =
  | {
      action: 'send';
      permit: Permit;
      ground: Ground;
      /** For the timeline: what it was cut down to, and why. */
      note?: SharingNote;
      code?: 'consent/override-stripped';
      /** An override was used: a person looks at it within one working day. */
      review: boolean;
    }
  | { action: 'withhold' | 'block'; code: FaultCode & `consent/${string}` };

/** `safety-minimum`: a safety type, sent without asking consent. `override-minimum`: consent was overridden, with a reason. */
export type SharingNote = 'safety-minimum' | 'override-minimum';

export interface SharingInput {
  contract: Pick<Contract, 'safety' | 'consentCheck' | 'dataClass' | 'defaultBasis'>;
  /** The envelope's `sharingbasis`. */
  basis?: SharingBasis;
  /** The envelope's `overridereason`. */
  overridereason?: string;
  /** What the ledger holds of this case, in accept order, the latest last. */
  statements: readonly ConsentStatement[];
  partner: string;
  /** The agreements of this partner; others are not looked at. */
  agreements: readonly Agreement[];
  /** Today in the alliance's zone, `YYYY-MM-DD`. */
  date: string;
  /** The case or the message says that nobody may learn where the person is. */
  restricted?: boolean;
}

/** May this partner have this message, and how much of it. Asked on every attempt, on replay too; it binds. */
export function decideSharing(input: SharingInput): Sharing {
  const { contract, partner, date } = input;
  const standing = agreementOn(input.agreements, partner, date);
  const { agreement } = standing;
  const held = agreement && { agreement: agreement.id };
  if (contract.safety)
    return send(input, ['safety'], 'S4', { basis: 'safety', ...held }, { note: 'safety-minimum' });
  // Who holds data must hear that consent ended, and who sent a message how it ended, agreement or not.
  if (!contract.consentCheck)
    return agreement
      ? send(input, agreement.purposes, agreement.sensitivity, { basis: 'notice', ...held })
      : send(input, ['operations'], 'S1', { basis: 'notice' });
  if (!agreement)
    return standing.is === 'ended'
      ? { action: 'withhold', code: 'consent/agreement-ended' }
      : { action: 'block', code: 'consent/agreement-pending' };

  const { purposes, sensitivity } = agreement;
  const basis = basisOf(input);
  const ground: Ground = { basis, ...held };
  switch (basis) {
    case 'safeguarding-override':
    case 'vital-interest':
      return send(input, ['safety'], 'S4', ground, {
        note: 'override-minimum',
        code: 'consent/override-stripped',
        review: true,
      });
    case 'none-needed':
    case 'aggregate':
      return send(input, purposes, sensitivity, ground, { refuseAbove: 'S1' });
    case 'care-sharing-agreement':
      // A refusal speaks of consent, which this ground does not need; a withdrawal is an objection to it.
      return byStatements(input, purposes, sensitivity, ground, (verdict) => verdict !== 'withdrawn');
    case 'consent':
      return byStatements(input, purposes, sensitivity, ground, (verdict) => verdict === 'given');
  }
}

/** An override without a reason is none; then, and where nothing is said, only consent opens the door. */
function basisOf({ basis, contract, overridereason }: SharingInput): SharingBasis {
  const named = basis ?? contract.defaultBasis ?? 'consent';
  const overrides = named === 'safeguarding-override' || named === 'vital-interest';
  return overrides && !overridereason?.trim() ? 'consent' : named;
}

/** What is said of one purpose. `unclear`: consent is limited and does not name this, so a person has to say. */
interface Verdict {
  is: 'given' | 'none' | 'unclear' | 'refused' | 'withdrawn';
  /** The message that said so. */
  by?: string;
}

/** What carries a message along (`operations`) needs no consent of its own: it goes with what consent is given for. */
const GOES_ALONG: readonly string[] = ['operations'];

const NO: readonly Verdict['is'][] = ['refused', 'withdrawn'];

function byStatements(
  input: SharingInput,
  purposes: readonly string[],
  cap: Sensitivity,
  ground: Ground,
  allows: (verdict: Verdict['is']) => boolean,
): Sharing {
  const verdicts = new Map(purposes.map((purpose) => [purpose, verdictOn(purpose, input)]));
  const on = (purpose: string): Verdict['is'] => verdicts.get(purpose)?.is ?? 'none';
  const asked = purposes.filter((purpose) => !GOES_ALONG.includes(purpose));
  const decisive = asked.length > 0 ? asked : purposes;
  const open = decisive.filter((purpose) => allows(on(purpose)));
  if (open.length > 0) {
    const kept = purposes.filter(
      (purpose) => allows(on(purpose)) || (GOES_ALONG.includes(purpose) && !NO.includes(on(purpose))),
    );
    const consent = [...new Set(open.flatMap((purpose) => verdicts.get(purpose)?.by ?? []))];
    return send(input, kept, cap, { ...ground, ...(consent.length > 0 && { consent }) });
  }
  return decisive.some((purpose) => !NO.includes(on(purpose)))
    ? { action: 'block', code: 'consent/not-recorded' }
    : { action: 'withhold', code: 'consent/refused' };
}

/**
 * The latest statement that speaks of this partner, this class of data and this purpose. Limits speak of the others too:
 * whom the latest limits do not name is not covered by what was given before them.
 */
function verdictOn(purpose: string, { statements, partner, contract }: SharingInput): Verdict {
  const speaks = (said: string, of: string): boolean => said === '*' || said === of;
  let limited = false;
  for (const said of statements.toReversed()) {
    if (limited && said.status !== 'limited') return { is: 'unclear' };
    if (
      speaks(said.party, partner) &&
      speaks(said.dataClass, contract.dataClass) &&
      speaks(said.purpose, purpose)
    )
      return { is: verdictOf(said), ...(said.messageId !== undefined && { by: said.messageId }) };
    limited ||= said.status === 'limited';
  }
  return { is: limited ? 'unclear' : 'none' };
}

function verdictOf(said: ConsentStatement): Verdict['is'] {
  switch (said.status) {
    case 'given':
    case 'refused':
    case 'withdrawn':
      return said.status;
    case 'limited':
      return said.party === '*' && said.purpose === '*' ? 'unclear' : 'given';
    default:
      return 'none';
  }
}

/**
 * The agreement of a partner that is in force on a date, or what its absence means: `ended` by decision, for good, or
 * `pending`, which is worth waiting for. At most one is in force: `loadAlliance` sees to it.
 */
export function agreementOn(
  agreements: readonly Agreement[],
  partner: string,
  date: string,
): { is: 'in-force'; agreement: Agreement } | { is: 'pending' | 'ended'; agreement?: undefined } {
  const own = agreements.filter((agreement) => agreement.partner === partner);
  const ended = (agreement: Agreement): boolean => agreement.ended !== undefined && agreement.ended <= date;
  const begun = own.filter((agreement) => agreement.from <= date);
  const agreement = begun.find(
    (candidate) => !ended(candidate) && (candidate.until === undefined || date <= candidate.until),
  );
  if (agreement) return { is: 'in-force', agreement };
  const last = begun.toSorted((a, b) => a.from.localeCompare(b.from)).at(-1);
  // A new one that is still to begin makes it worth waiting; without it, a decision to end is final.
  const final = last !== undefined && ended(last) && begun.length === own.length;
  return { is: final ? 'ended' : 'pending' };
}

function send(
  { partner, restricted }: SharingInput,
  purposes: readonly string[],
  sensitivityCap: Sensitivity,
  ground: Ground,
  more: {
    refuseAbove?: Sensitivity;
    note?: SharingNote;
    code?: 'consent/override-stripped';
    review?: boolean;
  } = {},
): Sharing {
  const { refuseAbove, note, code, review = false } = more;
  const permit = {
    partner,
    purposes,
    sensitivityCap,
    ...(refuseAbove && { refuseAbove }),
    ...(restricted === true && { restricted }),
  } as unknown as Permit;
  return { action: 'send', permit, ground, review, ...(note && { note }), ...(code && { code }) };
}
