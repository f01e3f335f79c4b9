import { isJson, type Place } from './place.js';

type Json = Record<string, unknown>;

/** Whether a reference element leads to the resource of this name. */
export type LeadsTo = (reference: Place, name: string) => boolean;

/**
 * Counts as read what a resource says just as we would write it, for it tells nothing beside the message itself: codes
 * that name its kind, words for them, references between its resources. What is said otherwise stays unread: of values
 * that stand together, as a code and its system do, all or none.
 */
export function recognise(place: Place, fixed: Json, leadsTo: LeadsTo = () => false): void {
  if (typeof fixed['reference'] === 'string') {
    if (leadsTo(place, fixed['reference'])) place.text('reference');
    return;
  }
  const members = Object.entries(fixed);
  const values = members.filter(([, ours]) => typeof ours !== 'object');
  if (values.every(([name, ours]) => place.value[name] === ours))
    for (const [name, ours] of values) place.says(name, ours);
  for (const [name, ours] of members) {
    if (Array.isArray(ours)) {
      const items = ours.filter(isJson);
      for (const theirs of place.list(name)) for (const item of items) recognise(theirs, item, leadsTo);
    } else if (isJson(ours)) {
      const theirs = place.child(name);
      if (theirs) recognise(theirs, ours, leadsTo);
    }
  }
}
