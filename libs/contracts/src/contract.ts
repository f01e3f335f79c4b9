import type { Band, Sensitivity, SharingBasis } from './envelope.js';

/** JSON Schema 2020-12 as an object; annotations of ours begin with `x-`. */
export type JsonSchema = { [keyword: string]: unknown };

/** A message type at one version, read from `schemas/<type>/v<major>.json`. */
export interface Contract {
  /** `step-up.requested` */
  type: string;
  major: number;
  /** `mta.step-up.requested.v1`, the envelope's `type`. */
  name: string;
  title: string;
  description: string;
  /** The schema of `data` with every `$ref` inlined, so that annotations can be read in place. */
  schema: JsonSchema;
  /** `x-band`: priority. */
  band: Band;
  /** `x-order`: `case` keeps the accept order per recipient and case (a lane); `none` does not. */
  order: 'case' | 'none';
  /** `x-case`: what the message does to a case; `may-join` joins the one that it names, and needs none. */
  case: 'opens' | 'joins' | 'may-join' | 'none';
  /** `x-lane`: JSON Pointer into the envelope for a lane without a case. */
  lane?: string;
  /** `x-answer`: the contract types of the business answer, any of them; or `receipt` alone (the hub tells), or `none`. */
  answers: readonly string[];
  /** `x-safety`: R8 holds for this type. */
  safety: boolean;
  /** `x-consent-check`: false for types that consent can never hold back (consent.changed, hub.receipt). */
  consentCheck: boolean;
  /** `x-data-class`: which consent statements speak of it. */
  dataClass: string;
  /** `x-default-basis`: the sharing basis where the envelope names none. */
  defaultBasis?: SharingBasis;
  /** `x-fact` on properties: name → JSON Pointer into `data`. What routes may look at; never above S1. */
  facts: Record<string, string>;
  /** `x-consent`: which statements of the body are consent. */
  consent: ConsentRule[];
  /** `x-restricts`: pointers into `data` to what says that nobody may learn where the person is. */
  restricts: string[];
  /**
   * `x-recalls`: pointers into `data` to the messageId of the message that this one takes back, and to the role that
   * should not have had it; without a role it is taken back from everybody.
   */
  recalls?: { message: string; role?: string };
  /** `x-clocks`: promises that begin with this message. */
  clocks: ClockRule[];
  /** `x-code-list` on properties: pointer into `data` → the list's name. */
  codeLists: Record<string, string>;
  /** The highest `x-sensitivity` of any property. */
  sensitivity: Sensitivity;
}

/**
 * Where in `data` a consent statement stands; each member is a JSON Pointer, or a literal after `=`. A `*` in pointers
 * runs over a list: one statement for each element.
 */
export interface ConsentRule {
  status: string;
  party: string;
  dataClass: string;
  purpose: string;
}

/** One statement, as kept in the ledger; the latest by accept order binds. `*` matches any. */
export interface ConsentStatement {
  status: ConsentStatus;
  /** A partner id or `*`. */
  party: string;
  dataClass: string;
  purpose: string;
  /** The message that said it, once it stands in the ledger. */
  messageId?: string;
}
export type ConsentStatus =
  'given' | 'refused' | 'withdrawn' | 'limited' | 'expired' | 'not-asked' | 'unknown';

/** A promise: it begins when the message is accepted and ends when one of `stops` comes back for it. */
export interface ClockRule {
  /** As in the clock register: `CLK-DEC`. */
  name: string;
  /** ISO 8601 duration (`PT4H`) or working days (`P2WD`). */
  duration: string;
  /** A calendar of `config/calendars`, or `elapsed`. */
  calendar: string;
  /** Contract types whose message, naming this one as its cause, stops the clock. */
  stops: string[];
  /** The role that answers for it. */
  owner: string;
  /** Pointer to a moment in `data` from which it counts, where that lies before accept. Absent: accept. */
  from?: string;
  /** Facts that must hold for it to begin, each equal. Absent: it always begins. */
  when?: Facts;
}

/** What a schema says against a message; `pointer` names the place, `message` holds no value. */
export interface Violation {
  /** JSON Pointer into the envelope, for example `/data/person/nhsNumber`. */
  pointer: string;
  keyword: string;
  message: string;
  /** The schema's own path, safe to keep: no key of the sender's stands in it. */
  schemaPath: string;
}

/** What a rule or a code list says: `refuse` as the schema would, `quality` is kept with the message and mended later. */
export interface Finding extends Violation {
  severity: 'refuse' | 'quality';
}

export type Facts = Record<string, string | number | boolean | null>;
