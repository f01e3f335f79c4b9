import type { Leaf, Leaves } from './leaves.js';
import { CODES, IDS } from './names.js';
import type { Place } from './place.js';
import type { Representation } from './representation.js';
import { say, type Sheet } from './sheet.js';
import type { View } from './view.js';

/** What FHIR's own elements say of a message: JSON Pointers into the envelope, and values. */
export function readMessage(view: View, representation: Representation): Leaves {
  const said: Leaves = new Map();
  readFrame(view, representation, said);
  for (const sheet of representation.sheets) {
    placesOf(sheet, view).forEach((place, index) => {
      const base = sheet.each === undefined ? '' : `${sheet.each}/${index}`;
      for (const link of sheet.links) link.read(place, base, said);
    });
  }
  return said;
}

/**
 * The resources that this sheet describes. Where the message has room for one, a second is not read (`checkBundle`
 * refuses it): the values of two persons must never mix. The Patient is the one that the focus leads to.
 */
export function placesOf(sheet: Sheet, view: View): Place[] {
  const places = view.ofType(sheet.resourceType).filter((resource) => sheet.is?.(resource) ?? true);
  if (sheet.each !== undefined || places.length < 2) return places;
  if (sheet.last) return places.slice(-1);
  if (sheet.resourceType !== 'Patient') return places.slice(0, 1);
  const focus = view.focus();
  const patient = view.resolve(focus?.child('subject') ?? focus?.child('patient'));
  return patient && places.includes(patient) ? [patient] : [];
}

function readFrame({ bundle, header }: View, representation: Representation, said: Leaves): void {
  const identifier = bundle.child('identifier');
  const ours = identifier?.says('system', IDS.message) ? identifier.text('value') : undefined;
  const labels = bundle.child('meta')?.list('security') ?? [];
  const isTest = labels.some((label) => label.says('system', CODES.actReason) && label.says('code', 'HTEST'));
  const frame: [string, Leaf | undefined][] = [
    ['/specversion', '1.0'],
    ['/id', ours ?? bundle.text('id') ?? header.text('id')],
    ['/source', header.child('source')?.text('endpoint')],
    ['/type', header.child('eventCoding')?.text('code')],
    ['/time', bundle.text('timestamp')],
    [
      '/causationid',
      representation.answers &&
        header
          .child('response')
          ?.text('identifier')
          ?.replace(/^urn:uuid:/, ''),
    ],
    ['/testflag', isTest || undefined],
  ];
  for (const [pointer, leaf] of frame) if (leaf !== undefined) say(said, pointer, leaf, header);
}
