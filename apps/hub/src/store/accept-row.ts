import type { CaseArea, ConsentStatement, FaultCode } from '#contracts';
import type { Recall } from './read-context.js';
import type { NewAlert } from './settle-deliveries.js';

/** One message, routed and sealed, as accept writes it. Times are ledger time, RFC 3339. */
export interface AcceptRow {
  messageId: string;
  source: string;
  /** The sender's own id. */
  externalId: string;
  /** HMAC of the canonical envelope (R2). */
  digest: Buffer;
  /** The Receipt, byte for byte as every repeat will get it. */
  receipt: string;
  sealed: Buffer;
  type: string;
  band: number;
  acceptedAt: string;
  sender: string;
  caseRef: string | null;
  /** Set when the case begins with this message. */
  opens: {
    owner: string;
    ownerPartner: string;
    area: CaseArea;
    provisional: boolean;
    dueAt: string;
  } | null;
  /** The sender's reference, to be bound to the case. */
  partnerCaseRef: string | null;
  causationId: string | null;
  basis: string | null;
  answer: string;
  test: boolean;
  facts: Record<string, unknown>;
  decision: unknown;
  findings: unknown;
  /**
   * The case's new owner, where this message is the recorded acceptance, and the area that the case comes to with it, or
   * null where it stays; `from` a later moment, or at once.
   */
  owner: {
    owner: string;
    ownerPartner: string;
    area: CaseArea | null;
    dueAt: string;
    from: string | null;
  } | null;
  consents: ConsentStatement[];
  /** What it says of whether nobody may learn where the person is; kept with the case. */
  restricts: boolean | null;
  /** The message that it takes back. */
  recalls: Recall | null;
  /** Who holds something of the case, by all that was known, where it goes to whoever does; else null. */
  holders: readonly string[] | null;
  clocks: ClockRow[];
  deliveries: DeliveryRow[];
  /** What a person is told of it. */
  alerts: NewAlert[];
}

export interface ClockRow {
  name: string;
  owner: string;
  stops: string[];
  /** Accept, or an earlier moment that the message names. */
  startedAt: string;
  dueAt: string;
  /** When the first warning is due (half-way). */
  nextAt: string;
  policy: string;
}

export interface DeliveryRow {
  deliveryId: string;
  partner: string;
  role: string;
  asks: boolean;
  /** The lane that it waits in; null stands outside lanes. */
  laneKey: string | null;
  /** `ready`, or where it cannot go on: `blocked` or `parked` with the fault. */
  state: 'ready' | 'blocked' | 'parked';
  owner: string;
  dueAt: string;
  fault: { code: FaultCode; stage: string; detail: string } | null;
}
