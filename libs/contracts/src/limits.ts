import { escapePointer } from './annotations.js';
import type { Violation } from './contract.js';

/** What a message may be at most: nested objects and lists, and values of any kind. */
export interface Limits {
  depth: number;
  nodes: number;
}
export const MESSAGE_LIMITS: Limits = { depth: 32, nodes: 2000 };

/** Keys that could reach the prototype of an object somewhere behind us. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A place in the value; its pointer is put together only when it is needed. */
interface Place {
  value: unknown;
  depth: number;
  key?: string;
  parent?: Place;
}

/**
 * The first thing in a parsed JSON value that no contract could allow, or undefined. The violation's keyword says
 * what: `depth`, `nodes`, `key` (forbidden), `number` (beyond what a double holds), `unicode` (half a character), `nul` (U+0000,
 * which PostgreSQL holds in no text).
 * Walks with a list of its own, so that no nesting can exhaust the call stack.
 */
export function checkLimits(value: unknown, limits: Limits = MESSAGE_LIMITS): Violation | undefined {
  const open: Place[] = [{ value, depth: 1 }];
  for (let nodes = 1, place = open.pop(); place; place = open.pop()) {
    const fault = faultAt(place, limits);
    if (fault) return fault;
    if (!isContainer(place.value)) continue;
    for (const [key, member] of Object.entries(place.value)) {
      if (++nodes > limits.nodes) return violation(undefined, 'nodes', `more than ${limits.nodes} values`);
      open.push({ value: member, depth: place.depth + 1, key, parent: place });
    }
  }
  return undefined;
}

function faultAt(place: Place, limits: Limits): Violation | undefined {
  const { value, key, depth } = place;
  if (key !== undefined && FORBIDDEN_KEYS.has(key)) return violation(place, 'key', 'is not allowed as a key');
  if (key !== undefined && !key.isWellFormed())
    return violation(place.parent, 'unicode', 'has a key that is no text');
  if (isContainer(value) && depth > limits.depth)
    return violation(place, 'depth', `is nested deeper than ${limits.depth}`);
  if (typeof value === 'number' && !Number.isFinite(value))
    return violation(place, 'number', 'is too large a number');
  if (typeof value === 'string' && !value.isWellFormed())
    return violation(place, 'unicode', 'holds half of a surrogate pair');
  if (key?.includes('\0')) return violation(place.parent, 'nul', 'has a key with the character U+0000');
  if (typeof value === 'string' && value.includes('\0'))
    return violation(place, 'nul', 'holds the character U+0000');
  return undefined;
}

/** The parsed body of a request, or a sentence that says what to mend and echoes nothing of it. */
export type Parsed =
  { value: Record<string, unknown>; detail?: undefined } | { value?: undefined; detail: string };

/** Parses one JSON object. */
export function parseJson(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    if (isContainer(value) && !Array.isArray(value)) return { value };
    return { detail: 'The body is JSON, but not one object.' };
  } catch (error) {
    // The parser's own message quotes the text.
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return {
      detail: `The body is not JSON${position ? `: it breaks off or errs at character ${position}` : ''}.`,
    };
  }
}

function violation(place: Place | undefined, keyword: string, message: string): Violation {
  return { pointer: pointerOf(place), keyword, message, schemaPath: `#/limits/${keyword}` };
}

function pointerOf(place: Place | undefined): string {
  let pointer = '';
  for (let here = place; here?.key !== undefined; here = here.parent)
    pointer = `/${escapePointer(here.key)}${pointer}`;
  return pointer;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
