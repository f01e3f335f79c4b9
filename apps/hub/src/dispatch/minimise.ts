import { isNhsNumber } from '#contracts';
import type { Contract, Envelope, JsonSchema, MinimisedMessage, Sensitivity } from '#contracts';
import type { Permit } from './consent.js';

/** What the hub puts on the copy of one recipient. */
export interface Copy {
  deliveryid: string;
  /** Ours; it takes the place of the sender's `id`. */
  messageId: string;
  caseref?: string;
  /** The recipient's own reference of the case, if it has one. Another partner's never leaves. */
  partnercaseref?: string;
  caseseq?: number;
  /** The body may have arrived before. */
  possiblerepeat?: boolean;
}

export interface LeftOut {
  /** JSON Pointer into the envelope; `*` for every element of a list and for a key that no contract names. */
  pointer: string;
  /** `restricted`: it would tell where somebody is whom nobody may find; `version`: the recipient reads an older contract. */
  why: 'purpose' | 'sensitivity' | 'not-in-contract' | 'restricted' | 'version';
}

/** What a copy holds and what it lacks: together every place of the original, each once. */
interface Account {
  /** Pointers of the leaves that it holds, written like those of what was left out. */
  fields: string[];
  leftOut: LeftOut[];
  /** The most sensitive thing in it. */
  highest: Sensitivity;
}

export type Minimised = Account &
  (
    | { message: MinimisedMessage }
    /** The derived body holds more than the sharing basis allows: there is no message to send. */
    | { message?: undefined; code: 'consent/above-basis' }
  );

/** Derives one recipient's copy: only fields that the permit covers. The envelope given is never changed. */
export function minimise(contract: Contract, envelope: Envelope, permit: Permit, copy: Copy): Minimised {
  const found: Found = { fields: new Set(), leftOut: new Map(), highest: 0 };
  // What no contract describes leaves with a safety message, unless it might tell where a restricted person is.
  const open = contract.safety && !permit.restricted;
  const data = take(envelope.data, planFor(contract, permit), open, found);
  const body = (data === NOTHING ? {} : data) as Record<string, unknown>;
  const message = dress(envelope, body, permit, copy, found);
  const account: Account = {
    fields: [...found.fields],
    leftOut: [...found.leftOut].map(([pointer, why]) => ({ pointer, why })),
    highest: `S${found.highest}` as Sensitivity,
  };
  if (permit.refuseAbove !== undefined && found.highest > rank(permit.refuseAbove))
    return { code: 'consent/above-basis', ...account };
  return { message, ...account };
}

/** What the sender wrote on the envelope and every recipient may read. What is named neither here nor in `dress` stays. */
const PASSED_ON = [
  'dataschema',
  'time',
  'datacontenttype',
  'causationid',
  'sharingbasis',
  'replyby',
  'testflag',
] as const satisfies (keyof Envelope)[];
const TRACE = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const GIVEN_BY_HUB = [
  'caseref',
  'partnercaseref',
  'caseseq',
  'possiblerepeat',
] as const satisfies (keyof Copy)[];

function dress(
  envelope: Envelope,
  data: Record<string, unknown>,
  permit: Permit,
  copy: Copy,
  found: Found,
): MinimisedMessage {
  const { specversion, source, type, subject, overridereason } = envelope;
  const dressed: Record<string, unknown> = { specversion, id: copy.messageId, source, type };
  for (const name of PASSED_ON) if (envelope[name] !== undefined) dressed[name] = envelope[name];
  // Numbers alone: `tracestate`, and whatever else a sender writes there, is free text and stays.
  if (TRACE.test(envelope.traceparent ?? '')) dressed['traceparent'] = envelope.traceparent;
  const give = (
    name: 'subject' | 'overridereason',
    value: unknown,
    refused: LeftOut['why'] | false,
  ): void => {
    if (value === undefined) return;
    if (refused) found.leftOut.set(`/${name}`, refused);
    else {
      dressed[name] = value;
      found.fields.add(`/${name}`);
    }
  };
  // A pseudonym is S1; an NHS number is none, whatever a sender takes it for.
  const tells = rank(permit.sensitivityCap) < 1 || isNhsNumber(subject ?? '');
  give('subject', subject, tells && 'sensitivity');
  give('overridereason', overridereason, !permit.purposes.includes('safety') && 'purpose');
  dressed.deliveryid = copy.deliveryid;
  for (const name of GIVEN_BY_HUB) if (copy[name] !== undefined) dressed[name] = copy[name];
  dressed.data = data;
  return dressed as unknown as MinimisedMessage;
}

/** What to do with one place of a body, worked out once per contract and permit. */
interface Plan {
  pointer: string;
  /** 0–4; the root has 0. */
  sensitivity: number;
  leave?: LeftOut['why'];
  /** Present where the contract names the members of an object. */
  members?: Map<string, Plan>;
  items?: Plan;
}

const plans = new WeakMap<Contract, Map<string, Plan>>();

function planFor(contract: Contract, permit: Permit): Plan {
  let known = plans.get(contract);
  if (!known) plans.set(contract, (known = new Map()));
  const key = `${permit.sensitivityCap} ${permit.restricted ? 'restricted ' : ''}${permit.purposes.join(' ')}`;
  let plan = known.get(key);
  if (!plan) known.set(key, (plan = planOf(contract.schema, '/data', 0, permit)));
  return plan;
}

function planOf(schema: JsonSchema, pointer: string, sensitivity: number, permit: Permit): Plan {
  const plan: Plan = { pointer, sensitivity };
  if (isObject(schema['properties'])) {
    plan.members = new Map(
      Object.entries(schema['properties'] as Record<string, JsonSchema>).map(([key, member]) => [
        key,
        memberPlan(member, `${pointer}/${escapePointer(key)}`, permit),
      ]),
    );
  }
  if (isObject(schema['items']))
    plan.items = planOf(schema['items'] as JsonSchema, `${pointer}/*`, sensitivity, permit);
  return plan;
}

function memberPlan(schema: JsonSchema, pointer: string, permit: Permit): Plan {
  const sensitivity = rank(schema['x-sensitivity'] as Sensitivity | undefined);
  const leave = whyNot(schema, permit);
  return leave ? { pointer, sensitivity, leave } : planOf(schema, pointer, sensitivity, permit);
}

/** Why a property of this schema may not leave; undefined where it may. */
export function whyNot(schema: JsonSchema, permit: Permit): LeftOut['why'] | undefined {
  const purposes = (schema['x-purposes'] ?? []) as string[];
  if (permit.restricted && schema['x-locates'] === true) return 'restricted';
  if (!purposes.some((purpose) => permit.purposes.includes(purpose))) return 'purpose';
  const sensitivity = rank(schema['x-sensitivity'] as Sensitivity | undefined);
  return sensitivity > rank(permit.sensitivityCap) ? 'sensitivity' : undefined;
}

/** A property without its annotation leaves to nobody. */
const NEVER = 5;
function rank(sensitivity: Sensitivity | undefined): number {
  return sensitivity === undefined ? NEVER : Number(sensitivity.slice(1));
}

interface Found {
  fields: Set<string>;
  leftOut: Map<string, LeftOut['why']>;
  highest: number;
}
/** Nothing of this place leaves, not even that it was there. */
const NOTHING = Symbol('nothing');

/** @param open what the contract does not describe leaves too */
function take(value: unknown, plan: Plan, open: boolean, found: Found): unknown {
  if (plan.leave) {
    found.leftOut.set(plan.pointer, plan.leave);
    return NOTHING;
  }
  const kept = Array.isArray(value)
    ? takeItems(value, plan, open, found)
    : isObject(value)
      ? takeMembers(value, plan, open, found)
      : takeLeaf(value, plan, open, found);
  if (kept !== NOTHING) found.highest = Math.max(found.highest, plan.sensitivity);
  return kept;
}

/** A text where the contract has an object is described by nothing; of a safety message it leaves all the same. */
function takeLeaf(value: unknown, plan: Plan, open: boolean, found: Found): unknown {
  if (!open && (plan.members ?? plan.items)) {
    found.leftOut.set(plan.pointer, 'not-in-contract');
    return NOTHING;
  }
  found.fields.add(plan.pointer);
  return value;
}

/** An object that loses all it held is left out whole: an empty shell would still tell that something was there. */
function takeMembers(value: object, plan: Plan, open: boolean, found: Found): unknown {
  const kept: Record<string, unknown> = {};
  let had = 0;
  let has = 0;
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    had += 1;
    const memberPlan = plan.members?.get(key);
    const taken = memberPlan
      ? take(member, memberPlan, open, found)
      : undescribed(member, plan, open && key !== '__proto__', found);
    if (taken === NOTHING) continue;
    kept[key] = taken;
    has += 1;
  }
  if (had === 0) found.fields.add(plan.pointer);
  return has === 0 && had > 0 ? NOTHING : kept;
}

function takeItems(value: unknown[], plan: Plan, open: boolean, found: Found): unknown {
  const kept: unknown[] = [];
  if (value.length === 0) found.fields.add(plan.pointer);
  for (const item of value) {
    const taken = plan.items ? take(item, plan.items, open, found) : undescribed(item, plan, open, found);
    if (taken !== NOTHING) kept.push(taken);
  }
  return kept.length === 0 && value.length > 0 ? NOTHING : kept;
}

/**
 * What the contract does not describe stays here, whatever it may be. Only a safety message may arrive with such a thing
 * (R8: findings never hold it), and there it leaves: a child's whereabouts under a misspelt key must reach the reader.
 */
function undescribed(value: unknown, plan: Plan, open: boolean, found: Found): unknown {
  const pointer = `${plan.pointer}/*`;
  if (open) {
    found.highest = 4;
    found.fields.add(pointer);
    return structuredClone(value);
  }
  found.leftOut.set(pointer, 'not-in-contract');
  return NOTHING;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
