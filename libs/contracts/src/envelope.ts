/** The CloudEvents 1.0 envelope that every message wears, on HTTP, on Kafka and in files (`schemas/envelope/v1.json`). */
export interface Envelope<Data = unknown> {
  specversion: '1.0';
  /** Unique within `source`; on a copy that the hub sends it is our `messageId`. */
  id: string;
  /** `/partners/<partner>` or `/hub`. */
  source: string;
  /** `mta.<name>.v<major>`. */
  type: string;
  /** Names the minor version of the contract, for example `/contracts/outcome.measure/1.0`. */
  dataschema?: string;
  /** The hub's pseudonym of a person; may be absent. */
  subject?: string;
  /** RFC 3339, with an offset. */
  time?: string;
  datacontenttype?: 'application/json';
  /** The case that this message joins. */
  caseref?: string;
  /** The sender's own reference of the case. */
  partnercaseref?: string;
  /** The `messageId` of the message that this one answers. */
  causationid?: string;
  sharingbasis?: SharingBasis;
  /** Why consent was overridden; mandatory with an override basis. */
  overridereason?: string;
  /** By when an answer is promised, RFC 3339. */
  replyby?: string;
  /** A test message: reaches only partners marked test. */
  testflag?: boolean;
  /** W3C trace context; not part of what makes two messages the same. */
  traceparent?: string;
  tracestate?: string;
  data: Data;
}

/** What the hub adds to the copy of one recipient. */
export interface DeliveredEnvelope<Data = unknown> extends Envelope<Data> {
  /** The same on every attempt and replay, so that a recipient can tell a repeat. */
  deliveryid: string;
  /** The place of this message in its case's accept order. */
  caseseq?: number;
  /** The body may have arrived before (urgent only). */
  possiblerepeat?: boolean;
}

export const SHARING_BASES = [
  'consent',
  'care-sharing-agreement',
  'safeguarding-override',
  'vital-interest',
  'aggregate',
  'none-needed',
] as const;
export type SharingBasis = (typeof SHARING_BASES)[number];

/** Sensitivity: S0 none, S1 pseudonymous, S2 identifying, S3 clinical, S4 restricted. */
export const SENSITIVITIES = ['S0', 'S1', 'S2', 'S3', 'S4'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** Priority, not order. `urgent` stands outside lanes. */
export const BANDS = ['urgent', 'normal', 'bulk'] as const;
export type Band = (typeof BANDS)[number];

/** `/partners/salus` → `salus`; undefined for any other shape. */
export function partnerOfSource(source: string): string | undefined {
  return /^\/partners\/([a-z][a-z0-9-]{1,40})$/.exec(source)?.[1];
}

/** `salus` → `/partners/salus`. */
export function sourceOfPartner(partner: string): string {
  return `/partners/${partner}`;
}

/** Whether it names a case by any reference: ours, the sender's, or that of the message it answers. */
export function namesACase({
  caseref,
  partnercaseref,
  causationid,
}: Pick<Envelope, 'caseref' | 'partnercaseref' | 'causationid'>): boolean {
  return (caseref ?? partnercaseref ?? causationid) !== undefined;
}
