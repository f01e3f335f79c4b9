import type { DeliveredEnvelope, Envelope } from '#contracts';
import type * as fhir4 from 'fhir/r4.js';
import { contractField } from './contract-field.js';
import { newDraft, prune } from './draft.js';
import { type Leaves, leavesOf } from './leaves.js';
import { CODES, definitionOf, EXCHANGE_VERSION, IDS } from './names.js';
import { Place } from './place.js';
import { readMessage } from './read-message.js';
import type { Representation } from './representation.js';
import { representationOf } from './representations.js';
import { itemsOf, type Json, type Sheet, writeLinks } from './sheet.js';
import { openBundle } from './view.js';

/** FHIR's `id` and `instant`; a value of another form travels as a contract field. */
const FHIR_ID = /^[A-Za-z0-9.-]{1,64}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether the type has a FHIR form: to be asked at boot for every partner that speaks FHIR. */
export const hasFhirForm = (type: string): boolean => representationOf(type) !== undefined;

/**
 * The message as a FHIR R4 message bundle, the same for the same message. What FHIR's elements do not give back when
 * they are read travels as contract fields on the MessageHeader: nothing is lost.
 * @throws RangeError for a type without a FHIR form, which is a defect of configuration.
 */
export function toBundle(envelope: Envelope | DeliveredEnvelope): fhir4.Bundle<fhir4.FhirResource> {
  const representation = representationOf(envelope.type);
  if (!representation) throw new RangeError(`The type ${envelope.type} has no FHIR form.`);
  const leaves = leavesOf(envelope);
  const bundle = prune(frame(envelope, representation, resourcesOf(leaves, representation, envelope)));
  const header = bundle.entry?.[0]?.resource as fhir4.MessageHeader;
  const extension = Array.from(unsaid(leaves, bundle, representation), ([pointer, leaf]) =>
    contractField(pointer, leaf),
  );
  if (extension.length > 0) header.extension = extension;
  return bundle;
}

/** What a reader of the bundle would not find in FHIR's own elements: asked of the reader itself. */
function unsaid(leaves: Leaves, bundle: fhir4.Bundle, representation: Representation): Leaves {
  const said = readMessage(openBundle(new Place(bundle as unknown as Json, '', [])), representation);
  return new Map(Array.from(leaves).filter(([pointer, leaf]) => said.get(pointer) !== leaf));
}

type Entry = fhir4.BundleEntry<fhir4.FhirResource>;

function resourcesOf(leaves: Leaves, representation: Representation, { source, id }: Envelope): Entry[] {
  const draft = newDraft(`${source} ${id}`);
  representation.sheets.forEach((sheet, index) => {
    const items = sheet.each === undefined ? [''] : itemsOf(leaves, sheet.each);
    for (const [place, base] of items.entries()) {
      if (sheet.needs !== undefined && !leaves.has(base + sheet.needs)) break;
      const resource = { resourceType: sheet.resourceType, ...sheet.fixed(draft.refer) } as Json;
      const isSaying = writeLinks(sheet.links, leaves, base, resource);
      if (!isSaying && !sheet.always && index > 0) break;
      draft.add(nameOf(sheet, place), resource as unknown as fhir4.FhirResource);
    }
  });
  return draft.entries;
}
const nameOf = (sheet: Sheet, place: number): string =>
  sheet.each === undefined ? sheet.name : `${sheet.name}-${place}`;

function frame(
  envelope: Envelope,
  representation: Representation,
  resources: Entry[],
): fhir4.Bundle<fhir4.FhirResource> {
  const id = FHIR_ID.test(envelope.id) ? envelope.id : undefined;
  const cause = envelope.causationid ?? '';
  const header: fhir4.MessageHeader = {
    resourceType: 'MessageHeader',
    id,
    eventCoding: { system: CODES.event, code: envelope.type },
    source: { endpoint: envelope.source },
    reason: { coding: [{ system: CODES.messageReason, code: 'new' }] },
    response: representation.answers && FHIR_ID.test(cause) ? { identifier: cause, code: 'ok' } : undefined,
    focus: [{ reference: resources[0]?.fullUrl }],
    definition: definitionOf(envelope.type),
  };
  const fullUrl = UUID.test(envelope.id)
    ? `urn:uuid:${envelope.id}`
    : newDraft(`${envelope.source} ${envelope.id}`).refer('header').reference;
  return {
    resourceType: 'Bundle',
    id,
    meta: {
      versionId: EXCHANGE_VERSION,
      security: envelope.testflag ? [{ system: CODES.actReason, code: 'HTEST' }] : undefined,
    },
    identifier: { system: IDS.message, value: envelope.id },
    type: 'message',
    timestamp: envelope.time !== undefined && INSTANT.test(envelope.time) ? envelope.time : undefined,
    entry: [{ fullUrl, resource: header }, ...resources],
  };
}
