import { isSpoken } from './check-headers.js';
import type { Leaves } from './leaves.js';
import { CODES, definitionOf, EXCHANGE_VERSION } from './names.js';
import { isJson, type Place } from './place.js';
import { placesOf } from './read-message.js';
import { recognise, type LeadsTo } from './recognise.js';
import type { Representation } from './representation.js';
import type { View } from './view.js';

/** Elements that FHIR forbids to overlook: they may turn the meaning of what stands beside them. */
const TURNING = ['modifierExtension', 'implicitRules'];
const SUBJECTS = ['subject', 'patient', 'for'];

/**
 * The rules that a message of this representation keeps beyond the shape of its elements. What breaks one leaves a
 * complaint. Resources that the message does not know are refused and not overlooked: what was sent arrives or is told.
 */
export function checkBundle(view: View, representation: Representation): void {
  checkVersion(view);
  checkHeader(view);
  checkReferences(view);
  checkPersons(view);
  checkTurning(view.bundle.value, view.bundle);
  const [focus] = representation.sheets;
  const known = new Set<Place>([view.header]);
  const named = new Map(representation.sheets.map((sheet) => [sheet.name, placesOf(sheet, view)] as const));
  const leadsTo: LeadsTo = (reference, name) => {
    const target = view.resolve(reference);
    return target !== undefined && (named.get(name)?.includes(target) ?? false);
  };
  for (const sheet of representation.sheets) {
    const fixed = sheet.fixed((name) => ({ reference: name }));
    for (const place of named.get(sheet.name) ?? []) {
      known.add(place);
      place.says('resourceType', sheet.resourceType);
      checkFixed(place, fixed);
      recognise(place, fixed, leadsTo);
    }
  }
  const isContext = (place: Place): boolean =>
    representation.context?.includes(String(place.value['resourceType'])) ?? false;
  const about = view.focus();
  view.header.list('focus')[0]?.text('reference');
  view.header.says('resourceType', 'MessageHeader');
  if (!about || !(placesOf(focus, view).includes(about) || isContext(about))) {
    view.header.complain(
      'required',
      `The first focus must lead to the one ${focus.resourceType} of the message.`,
      'focus',
    );
  }
  for (const resource of view.resources) {
    if (!known.has(resource) && !isContext(resource)) {
      resource.complain(
        'not-supported',
        'This message has no place for such a resource, or for no second one.',
      );
    }
    if ('contained' in resource.value)
      resource.complain('not-supported', 'Give each resource an entry of its own.', 'contained');
  }
}

/** People write into a note what fits nowhere else: where the message has no place for the words, their sender is told. */
export function checkNotes(view: View, representation: Representation, said: Leaves): void {
  const arrive = new Set(said.values());
  for (const place of representation.sheets.flatMap((sheet) => placesOf(sheet, view))) {
    for (const note of place.list('note')) {
      const words = note.text('text');
      if (words !== undefined && !arrive.has(words))
        note.complain(
          'not-supported',
          'This message has no place for these words; they would not arrive.',
          'text',
        );
    }
  }
}

/** BaRS's rule: the bundle says which version of the exchange it follows. */
function checkVersion({ bundle }: View): void {
  const version = bundle.child('meta')?.text('versionId');
  if (version !== undefined && isSpoken(version)) return;
  const pointer = '/meta/versionId';
  bundle.complaints.push(
    version === undefined
      ? {
          issue: 'invariant',
          fault: 'contract/exchange',
          diagnostics: `Bundle.meta.versionId must say the version of the exchange, such as ${EXCHANGE_VERSION}.`,
          pointer,
        }
      : {
          issue: 'not-supported',
          fault: 'contract/unknown-version',
          diagnostics: `The version spoken here is ${EXCHANGE_VERSION}.`,
          pointer,
        },
  );
}

function checkHeader({ bundle, header, resources }: View): void {
  if (bundle.text('type') !== 'message')
    bundle.complain('invariant', 'The type of the Bundle must be message.');
  if (header !== resources[0])
    resources[0]?.complain('invariant', 'The first entry must be the MessageHeader.');
  const reason = header.child('reason');
  const isNew =
    reason?.list('coding').every((coding) => {
      coding.says('system', CODES.messageReason);
      return coding.text('code') === 'new';
    }) ?? true;
  if (!isNew)
    header.complain(
      'not-supported',
      'Only new messages are taken; send what has changed as a new message.',
      'reason',
    );
  const definition = header.text('definition')?.split('|')[0];
  const type = header.child('eventCoding')?.text('code') ?? '';
  if (definition !== undefined && definition !== definitionOf(type)) {
    header.complain('invariant', 'The definition is not that of the event.', 'definition');
  }
  const response = header.child('response')?.text('code');
  if (response !== undefined && response !== 'ok') {
    header.complain('not-supported', 'Only answers with the response code ok are taken.', 'response/code');
  }
}

/** Every reference within the message must lead somewhere; those to other servers are never followed. */
function checkReferences(view: View): void {
  for (const resource of view.resources) {
    for (const reference of referencesIn(resource)) {
      const isElsewhere = /^https?:\/\//.test(String(reference.value['reference']));
      const target = view.resolve(reference);
      if (!target && !isElsewhere) {
        reference.complain('not-found', 'The reference leads to no entry of the bundle.', 'reference');
      }
      const element = reference.pointer.split('/').at(-1) ?? '';
      if (target && SUBJECTS.includes(element) && target.value['resourceType'] !== 'Patient') {
        reference.complain('invariant', 'The reference must lead to the Patient.', 'reference');
      }
    }
  }
}

function* referencesIn(place: Place): Generator<Place> {
  if (typeof place.value['reference'] === 'string') yield place;
  for (const [name, value] of Object.entries(place.value)) {
    const isList = Array.isArray(value) && value.every(isJson);
    const children = isList ? place.list(name) : isJson(value) ? [place.child(name)] : [];
    for (const child of children) if (child) yield* referencesIn(child);
  }
}

/** One message speaks of one young person. Two NHS numbers of one Patient are found where they are read. */
function checkPersons(view: View): void {
  view
    .ofType('Patient')[1]
    ?.complain('multiple-matches', 'A message speaks of one person; send one message for each.');
}

/** `status` and `intent` make a resource mean what the message says. */
function checkFixed(place: Place, fixed: Record<string, unknown>): void {
  for (const element of ['status', 'intent']) {
    const must = fixed[element];
    if (must !== undefined && place.text(element) !== must) {
      place.complain('invariant', `In this message it must be ${must as string}.`, element);
    }
  }
}

/** Anywhere, also where nothing is read. */
function checkTurning(value: unknown, bundle: Place, pointer = ''): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const at = `${pointer}/${name}`;
    if (TURNING.includes(name))
      bundle.complaints.push({
        issue: 'not-supported',
        diagnostics: 'This element would change the meaning; it is not understood here.',
        pointer: at,
      });
    else checkTurning(member, bundle, at);
  }
}
