import type { CodeLists } from './code-lists.js';
import type { Band } from './envelope.js';

/** The alliance as data: what stands in `config/*.json`. Each file has a JSON Schema beside it and is checked at boot. */
export interface Alliance {
  partners: Partner[];
  roles: RoleAssignment[];
  routes: RouteSet;
  agreements: Agreement[];
  policy: Policy;
  calendars: Record<string, Calendar>;
  /** Services that people are told of; no route leads there. */
  directory: DirectoryEntry[];
  /** By name; contracts name them in `x-code-list`, and rules read them. */
  codeLists: CodeLists;
  /** By partner: what the conformance suite found out about it, where it was played. */
  conformance: Record<string, Conformance>;
}

/** `config/conformance/<partner>.json`, written by `hub conformance <partner> --declare`. */
export interface Conformance {
  partner: string;
  /** RFC 3339. */
  when: string;
  /** The version of the suite. */
  suite: number;
  /** Whether the partner's own endpoint was examined, or its simulator in its place. */
  against: 'endpoint' | 'simulator';
  /** How each check ended, by its id. */
  checks: Record<string, 'passed' | 'failed' | 'skipped'>;
}

/** Whose children a partner is for. Kent and Medway are separate controllers of their data. */
export type Area = 'medway' | 'kent' | 'both';

/** Whose case it is: one of them, never both. */
export type CaseArea = Exclude<Area, 'both'>;

/** Each area's own front door, a role: what concerns a case of Kent never goes to Medway's. */
export const FRONT_DOORS = { medway: 'front-door', kent: 'kent-front-door' } as const satisfies Record<
  CaseArea,
  string
>;

/** An organisation's endpoint. */
export interface Partner {
  /** Lower case, digits and dashes: `salus`, `bfb-labs`. */
  id: string;
  name: string;
  /** How a copy reaches it. `inbox` is the hub's own pull inbox. */
  channel: 'webhook' | 'http' | 'fhir' | 'sftp' | 'mesh' | 'inbox';
  /** Where its endpoint listens; `PARTNER_<ID>_URL` overrides it. Absent for `inbox`. */
  url?: string;
  /** Proven by the conformance suite to know a repeated `deliveryid` (R4). */
  idempotent: boolean;
  /** Absent: Medway. */
  area?: Area;
  /** Takes test messages only. */
  test: boolean;
  /** Deliveries under way at once, ordinary and urgent. */
  window: number;
  urgentWindow: number;
  /** Longest time for one attempt, in milliseconds. */
  timeoutMs: number;
  /** How long a handed-over copy may wait for its acknowledgement, ISO 8601 duration. */
  ackWithin: string;
  /** Who answers for the partner's channel, a role. */
  owner: string;
  /** Contract types that it may send and those that it reads, `<name>.v<major>`. */
  sends: string[];
  reads: string[];
  /** Where it leaves things that we fetch and hand in as that partner; absent where it brings everything itself. */
  pickup?: PickupPlace;
}

/** A partner's own place, which we look at. */
export interface PickupPlace {
  kind: 'sftp' | 'mesh';
  /** `sftp://host:port/folder`, or a MESH mailbox; `PARTNER_<ID>_PICKUP_URL` overrides it. */
  url: string;
  /** Pause between two looks, in milliseconds. */
  everyMs: number;
  /** Which rows its CSV files hold: a file of `config/batches`. Absent: it leaves no CSV. */
  batch?: string;
}

/** Who fills a role, from when to when (dates, both ends included; open where absent). */
export interface RoleAssignment {
  role: string;
  partner: string;
  from: string;
  until?: string;
  /** Whoever fills the role until then ends the day before. */
  takesOver?: boolean;
  /** `false`: ready, checked, and without effect. */
  enabled?: boolean;
}

export interface RouteSet {
  /** The rule set's version: stored with every decision. */
  version: string;
  routes: Route[];
}

/** A rule: when these facts hold, this message goes to these roles, because … */
export interface Route {
  id: string;
  because: string;
  /** A JSON Schema over the contract's facts and those of the envelope; Ajv's errors say why it did not match. */
  when: Record<string, unknown>;
  /**
   * Roles, or `$origin` (the source of the cause), `$to` (the role that `data.to` names), `$front-door` (of the area that
   * the case belongs to), `$owner` (of the case), `$holders` (all who hold something of the case), `$involved` (those of
   * them who read the type), `$recipients` (all who have what is taken back); in a deny route also
   * `$other-area` (whoever is for another area than the case, or than the sender).
   */
  to: string[];
  /** `true`: takes these roles away from whatever other routes say. */
  deny?: boolean;
  /** `true`: the recipients are asked for the answer that the contract declares; others get it for information. */
  asks?: boolean;
}

/** What one partner may receive, for which purposes, from when to when. */
export interface Agreement {
  id: string;
  partner: string;
  purposes: string[];
  /** The highest sensitivity that may reach the partner. */
  sensitivity: 'S0' | 'S1' | 'S2' | 'S3' | 'S4';
  from: string;
  until?: string;
  /** Ended by decision, on this date: deliveries are withheld, not blocked. */
  ended?: string;
}

/** Numbers of retry, gates, clocks and alarms; every value in milliseconds unless its name says otherwise. */
export interface Policy {
  version: string;
  retry: Record<Band, { baseMs: number; capMs: number; giveUpMs: number | null; retryAfterCapMs: number }>;
  gate: { baseMs: number; capMs: number; urgentProbeMs: number };
  urgentTellMs: number[];
  blockedFor: string;
  unlinkedFor: string;
  parkedFor: Record<Band, string>;
  noActionFor: string;
  /** How long the front door has to complete or mend what a message left out. */
  mendDataFor: string;
  rate: { perSecond: number; burst: number };
}

/** Working days. */
export interface Calendar {
  zone: string;
  /** 1 Monday … 7 Sunday. */
  workingDays: number[];
  /** Dates that are none, `YYYY-MM-DD`. */
  holidays: string[];
}

/** A service that a person may be told of. */
export interface DirectoryEntry {
  id: string;
  name: string;
  area: Area;
  offer: string;
  /** i-THRIVE groupings. */
  thrive: string[];
  /** In completed years, both ends included; absent: not stated. */
  ages?: { from?: number; to?: number };
  hours?: string;
  /** Whether somebody has confirmed that it still exists as described. */
  verified: boolean;
  /** The year of what is known. */
  asOf: string;
  /** `false`: listed, and shown to nobody. */
  enabled?: boolean;
}
