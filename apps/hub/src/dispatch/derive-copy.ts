import type {
  Agreement,
  Alliance,
  Contract,
  Contracts,
  Envelope,
  FaultCode,
  MinimisedMessage,
  Partner,
} from '#contracts';
import { downcast, faultOf } from '#contracts';
import { dateIn } from '../cases/calendar.js';
import type { CopyFacts } from '../store/claim-deliveries.js';
import type { Bodies } from '../store/sealing-keys.js';
import { decideSharing, type Ground, type SharingNote } from './consent.js';
import { minimise, type LeftOut } from './minimise.js';

/** What a copy holds, what was left out and why, and on what ground it goes. Pointers and words of ours, never a value. */
export interface CopyForm {
  type: string;
  ground: Omit<Ground, 'consent'>;
  note?: SharingNote;
  purposes: readonly string[];
  fields: string[];
  leftOut: LeftOut[];
}

/** What of a message one recipient gets now, or why it gets none. Derived anew on every attempt. */
export type DerivedCopy =
  | {
      message: MinimisedMessage;
      contract: Contract;
      form: CopyForm;
      /** The messages whose consent statements opened the door. */
      consent: readonly string[];
      review: boolean;
    }
  | { message?: undefined; action: 'withhold' | 'block' | 'park'; code: FaultCode };

/** What the checks look at, prepared once. */
export interface DeriveRules {
  contracts: Contracts;
  alliance: Alliance;
  partners: ReadonlyMap<string, Partner>;
  agreements: ReadonlyMap<string, readonly Agreement[]>;
  bodies: Bodies;
}

/** checkConsent → minimise → downcast, for one recipient. Throws only where the body cannot be opened. */
export async function deriveCopy(rules: DeriveRules, delivery: CopyFacts, now: Date): Promise<DerivedCopy> {
  const contract = rules.contracts.get(delivery.type);
  // The recall itself leaves all the same: whoever has what it takes back would keep it.
  if (delivery.recalled && contract?.recalls === undefined)
    return { action: 'withhold', code: 'consent/recalled' };
  if (!contract) return { action: 'park', code: 'contract/no-downcast' };
  const envelope = JSON.parse(await rules.bodies.open(delivery.messageId, delivery.sealed)) as Envelope;

  const sharing = decideSharing({
    contract,
    ...(envelope.sharingbasis && { basis: envelope.sharingbasis }),
    ...(envelope.overridereason !== undefined && { overridereason: envelope.overridereason }),
    statements: delivery.consents,
    partner: delivery.partner,
    agreements: rules.agreements.get(delivery.partner) ?? [],
    date: dateIn(rules.alliance.calendars.england?.zone ?? 'Europe/London', now),
    restricted: delivery.restricted || rules.contracts.restrictionOf(contract, envelope) === true,
  });
  if (sharing.action !== 'send') return { action: sharing.action, code: sharing.code };

  const caseref = delivery.caseRef ?? envelope.caseref;
  const minimised = minimise(contract, envelope, sharing.permit, {
    deliveryid: delivery.deliveryId,
    messageId: delivery.messageId,
    ...(caseref !== undefined && { caseref }),
    ...(delivery.partnerCaseRef !== null && { partnercaseref: delivery.partnerCaseRef }),
    ...(delivery.caseSeq !== null && { caseseq: delivery.caseSeq }),
    ...(delivery.possibleRepeat && { possiblerepeat: true }),
  });
  if (!minimised.message) return { action: 'withhold', code: minimised.code };

  const cast = downcast(
    rules.contracts,
    contract,
    rules.partners.get(delivery.partner)?.reads ?? [],
    minimised.message,
  );
  if (!cast) return { action: 'park', code: 'contract/no-downcast' };
  const { consent = [], ...ground } = sharing.ground;
  return {
    message: cast.envelope as MinimisedMessage,
    contract,
    form: {
      type: cast.envelope.type,
      ground,
      ...(sharing.note && { note: sharing.note }),
      purposes: sharing.permit.purposes,
      ...lostOnTheWay(minimised, cast.loss),
    },
    consent,
    review: sharing.review,
  };
}

/** An older version of the contract cannot say everything. */
function lostOnTheWay(
  { fields, leftOut }: Pick<CopyForm, 'fields' | 'leftOut'>,
  loss: readonly string[],
): Pick<CopyForm, 'fields' | 'leftOut'> {
  const lost = fields.filter((field) =>
    loss.some((pointer) => field === `/data${pointer}` || field.startsWith(`/data${pointer}/`)),
  );
  return {
    fields: fields.filter((field) => !lost.includes(field)),
    leftOut: [...leftOut, ...lost.map((pointer) => ({ pointer, why: 'version' as const }))],
  };
}

/** The fault of a copy that may not or cannot be made, for the record. */
export function copyFault(code: FaultCode): { code: FaultCode; stage: string; detail: string } {
  const { stage, detail } = faultOf(code, 'dispatch');
  return { code, stage, detail };
}
