import type * as fhir4 from 'fhir/r4.js';
import type { Leaf, Leaves } from './leaves.js';
import type { Place } from './place.js';
import { recognise } from './recognise.js';
import type { Shape } from './shapes.js';

export type Json = Record<string, unknown>;

/** One or more values of a message and where they stand in a resource. */
export interface Link {
  /** Puts the values into the resource; true when it had something to say. `base` goes before its pointers. */
  write(leaves: Leaves, base: string, resource: Json): boolean;
  /** Gives back what the resource says. */
  read(resource: Place, base: string, said: Leaves): void;
}

/** One resource of a message: which it is, what never changes in it, and which values of the message it holds. */
export interface Sheet {
  /** Its name within the message; references lead to it. */
  name: string;
  resourceType: fhir4.FhirResource['resourceType'];
  /** Elements that are always the same. `status` and `intent` are checked on reading: another value means another thing. */
  fixed: (refer: (name: string) => fhir4.Reference) => Json;
  links: readonly Link[];
  /** Tells it from other resources of its type in the same message. */
  is?: (resource: Place) => boolean;
  /** JSON Pointer of the value without which FHIR does not allow the resource; the others are then contract fields. */
  needs?: string;
  /** Written even when no link has anything to say. */
  always?: true;
  /** Where several travel, the last is meant, whichever the focus is. */
  last?: true;
  /** JSON Pointer of an array: one resource for each of its items. */
  each?: string;
}

/** The value at a pointer stands at a path of elements (`restriction.period.end`; `.0` is the first of a list). */
export function link(pointer: string, path: string, shape: Shape): Link {
  const steps = path.split('.');
  const element = steps.pop() ?? '';
  return {
    write(leaves, base, resource) {
      const leaf = leaves.get(base + pointer);
      const value = leaf === undefined ? undefined : shape.write(leaf);
      if (value === undefined) return false;
      const parent = descend(resource, steps);
      const present = parent[element];
      parent[element] = Array.isArray(present) && Array.isArray(value) ? [...present, ...value] : value;
      return true;
    },
    read(resource, base, said) {
      const parent = walk(resource, steps);
      if (!parent) return;
      const leaf = shape.read(parent, element);
      if (leaf !== undefined) say(said, base + pointer, leaf, parent, element);
    },
  };
}

/** Each item of an array is one item of a list of elements, up to the first of which FHIR can say nothing. */
export function eachItem(pointer: string, path: string, links: readonly Link[], fixed: Json = {}): Link {
  const steps = path.split('.');
  const element = steps.pop() ?? '';
  return {
    write(leaves, base, resource) {
      const items: Json[] = [];
      for (const item of itemsOf(leaves, base + pointer)) {
        const part = structuredClone(fixed);
        if (!writeLinks(links, leaves, item, part)) break;
        items.push(part);
      }
      if (items.length === 0) return false;
      descend(resource, steps)[element] = items;
      return true;
    },
    read(resource, base, said) {
      const places = walk(resource, steps)?.list(element) ?? [];
      places.forEach((place, index) => {
        links.forEach((each) => each.read(place, `${base}${pointer}/${index}`, said));
        recognise(place, fixed);
      });
    },
  };
}

/** Values that FHIR allows only together: all of them, or none. */
export function whole(...links: Link[]): Link {
  return {
    write(leaves, base, resource) {
      const draft: Json = {};
      const isWhole = links.every((each) => each.write(leaves, base, draft));
      if (isWhole) Object.assign(resource, draft);
      return isWhole;
    },
    read: (resource, base, said) => links.forEach((each) => each.read(resource, base, said)),
  };
}

/** The resource itself says this value by being there. */
export function presence(pointer: string, leaf: Leaf): Link {
  return {
    write: (leaves, base) => leaves.get(base + pointer) === leaf,
    read: (resource, base, said) => say(said, base + pointer, leaf, resource),
  };
}

/** Writes every link; true when any had something to say. */
export function writeLinks(links: readonly Link[], leaves: Leaves, base: string, resource: Json): boolean {
  return links.map((each) => each.write(leaves, base, resource)).some(Boolean);
}

/** The pointers of an array's items, from the leaves that begin with them. */
export function itemsOf(leaves: Leaves, pointer: string): string[] {
  const indices = new Set<number>();
  for (const key of leaves.keys()) {
    if (!key.startsWith(`${pointer}/`)) continue;
    const index = key.slice(pointer.length + 1).split('/')[0] ?? '';
    if (/^\d+$/.test(index)) indices.add(Number(index));
  }
  return Array.from(indices)
    .sort((a, b) => a - b)
    .map((index) => `${pointer}/${index}`);
}

/** Notes what an element says; two elements that disagree are a complaint. */
export function say(said: Leaves, pointer: string, leaf: Leaf, place: Place, element?: string): void {
  const before = said.get(pointer);
  if (before !== undefined && before !== leaf) {
    place.complain('conflict', 'Two elements of the bundle say different things of one value.', element);
  }
  said.set(pointer, leaf);
}

function descend(resource: Json, steps: readonly string[]): Json {
  let parent: Json = resource;
  steps.forEach((step, index) => {
    if (step === '0') return;
    const isList = steps[index + 1] === '0';
    parent[step] ??= isList ? [{}] : {};
    parent = (isList ? (parent[step] as Json[])[0] : parent[step]) as Json;
  });
  return parent;
}

function walk(resource: Place, steps: readonly string[]): Place | undefined {
  let place: Place | undefined = resource;
  steps.forEach((step, index) => {
    if (step === '0') return;
    place = steps[index + 1] === '0' ? place?.list(step)[0] : place?.child(step);
  });
  return place;
}
