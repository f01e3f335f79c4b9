import type * as fhir4 from 'fhir/r4.js';
import { v5 as uuidOf } from 'uuid';

/** Names that are the same for the same message, so that every attempt carries the same bundle. */
const NAMESPACE = '6d1f6c0e-5a1b-5c1e-9b0a-1f0d3a7c2e55';

/** The resources of a bundle that is being written, in order. */
export interface Draft {
  /** The reference to the resource of this name, added or not. */
  refer(name: string): fhir4.Reference;
  add(name: string, resource: fhir4.FhirResource): void;
  readonly entries: fhir4.BundleEntry<fhir4.FhirResource>[];
}

/** `key` names the message. */
export function newDraft(key: string): Draft {
  const entries: Draft['entries'] = [];
  const urls = new Map<string, string>();
  const urlOf = (name: string): string => {
    const url = urls.get(name) ?? `urn:uuid:${uuidOf(`${key}#${name}`, NAMESPACE)}`;
    urls.set(name, url);
    return url;
  };
  return {
    entries,
    refer: (name) => ({ reference: urlOf(name) }),
    add: (name, resource) => {
      const fullUrl = urlOf(name);
      // Its id, too: a Patient of whom nothing may be said would else be empty, and FHIR knows no empty resource.
      const id = fullUrl.slice('urn:uuid:'.length);
      entries.push({ fullUrl, resource: { ...resource, id } });
    },
  };
}

/** FHIR knows no empty object or array and no undefined: takes them out, all the way down. */
export function prune<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(prune).filter(isSomething) as T;
  const members = Object.entries(value).map(([key, member]) => [key, prune(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => isSomething(member))) as T;
}
const isSomething = (value: unknown): boolean =>
  value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
