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
  readonly [permitted]: true;
}
declare const permitted: unique symbol;

export type Sharing =
  | {
      action: 'send';
      permit: Permit;
      /** For the timeline: on what ground it went. */
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
}

/** May this partner have this message, and how much of it. Asked on every attempt, on replay too; it binds. */
export function decideSharing(input: SharingInput): Sharing {
  const { contract, partner } = input;
  if (contract.safety) return send(partner, ['safety'], 'S4', { note: 'safety-minimum' });

  const standing = agreementOn(input.agreements, partner, input.date);
  // Who holds data must hear that consent ended, and who sent a message how it ended, agreement or not.
  if (!contract.consentCheck)
    return standing.agreement
      ? send(partner, standing.agreement.purposes, standing.agreement.sensitivity)
      : send(partner, ['operations'], 'S1');
  if (!standing.agreement) return standing.without;

  const { purposes, sensitivity } = standing.agreement;
  switch (basisOf(input)) {
    case 'safeguarding-override':
    case 'vital-interest':
      return send(partner, ['safety'], 'S4', {
        note: 'override-minimum',
        code: 'consent/override-stripped',
        review: true,
      });
    case 'none-needed':
    case 'aggregate':
      return send(partner, purposes, sensitivity, { refuseAbove: 'S1' });
    case 'care-sharing-agreement':
      // A refusal speaks of consent, which this ground does not need; a withdrawal is an objection to it.
      return byStatements(input, purposes, sensitivity, (verdict) => verdict !== 'withdrawn');
    case 'consent':
      return byStatements(input, purposes, sensitivity, (verdict) => verdict === 'given');
  }
}

/** An override without a reason is none; then, and where nothing is said, only consent opens the door. */
function basisOf({ basis, contract, overridereason }: SharingInput): SharingBasis {
  const named = basis ?? contract.defaultBasis ?? 'consent';
  const overrides = named === 'safeguarding-override' || named === 'vital-interest';
  return overrides && !overridereason?.trim() ? 'consent' : named;
}

/** What is said of one purpose. `unclear`: consent is limited and does not name this, so a person has to say. */
type Verdict = 'given' | 'none' | 'unclear' | 'refused' | 'withdrawn';

/** What carries a message along (`operations`) needs no consent of its own: it goes with what consent is given for. */
const GOES_ALONG: readonly string[] = ['operations'];

const NO: readonly Verdict[] = ['refused', 'withdrawn'];

function byStatements(
  input: SharingInput,
  purposes: readonly string[],
  cap: Sensitivity,
  allows: (verdict: Verdict) => boolean,
): Sharing {
  const verdicts = new Map(purposes.map((purpose) => [purpose, verdictOn(purpose, input)]));
  const asked = purposes.filter((purpose) => !GOES_ALONG.includes(purpose));
  const decisive = asked.length > 0 ? asked : purposes;
  if (decisive.some((purpose) => allows(verdicts.get(purpose) ?? 'none'))) {
    const kept = purposes.filter((purpose) => {
      const verdict = verdicts.get(purpose) ?? 'none';
      return allows(verdict) || (GOES_ALONG.includes(purpose) && !NO.includes(verdict));
    });
    return send(input.partner, kept, cap);
  }
  const open = decisive.some((purpose) => !NO.includes(verdicts.get(purpose) ?? 'none'));
  return open
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
    if (limited && said.status !== 'limited') return 'unclear';
    if (
      speaks(said.party, partner) &&
      speaks(said.dataClass, contract.dataClass) &&
      speaks(said.purpose, purpose)
    )
      return verdictOf(said);
    limited ||= said.status === 'limited';
  }
  return limited ? 'unclear' : 'none';
}

function verdictOf(said: ConsentStatement): Verdict {
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

/** The agreement in force on a date, or what its absence means. At most one is in force: `loadAlliance` sees to it. */
function agreementOn(
  agreements: readonly Agreement[],
  partner: string,
  date: string,
): { agreement: Agreement } | { agreement?: undefined; without: Sharing } {
  const own = agreements.filter((agreement) => agreement.partner === partner);
  const ended = (agreement: Agreement): boolean => agreement.ended !== undefined && agreement.ended <= date;
  const begun = own.filter((agreement) => agreement.from <= date);
  const agreement = begun.find(
    (candidate) => !ended(candidate) && (candidate.until === undefined || date <= candidate.until),
  );
  if (agreement) return { agreement };
  const last = begun.toSorted((a, b) => a.from.localeCompare(b.from)).at(-1);
  // A new one that is still to begin makes it worth waiting; without it, a decision to end is final.
  const final = last !== undefined && ended(last) && begun.length === own.length;
  return {
    without: final
      ? { action: 'withhold', code: 'consent/agreement-ended' }
      : { action: 'block', code: 'consent/agreement-pending' },
  };
}

function send(
  partner: string,
  purposes: readonly string[],
  sensitivityCap: Sensitivity,
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
  } as unknown as Permit;
  return { action: 'send', permit, review, ...(note && { note }), ...(code && { code }) };
}
