import { contactPoint } from './contact-point.js';
import { CODES, IDS } from './names.js';
import { code, coded, codedExtension, date, identifierAmong, text, yesNoExtension } from './shapes.js';
import { itemsOf, type Json, link, type Link, say, type Sheet } from './sheet.js';

const UK = 'https://fhir.hl7.org.uk';

/**
 * The young person as a UK Core Patient; `pointer` is where the person stands in the message. An address or a contact
 * route goes into FHIR's own elements only when the message says that it is safe and the young person's own: a reader
 * that knows nothing of our contract fields must not meet an unsafe one.
 */
export const patient = (
  pointer = '/data/person',
  others: readonly Link[] = [],
  restricted = restriction(`${pointer}/restricted`),
): Sheet => ({
  name: 'patient',
  resourceType: 'Patient',
  fixed: () => ({}),
  always: true,
  links: [
    link(`${pointer}/nhsNumber`, 'identifier', identifierAmong(IDS.nhsNumber)),
    link('/subject', 'identifier', identifierAmong(IDS.subject)),
    link(`${pointer}/name`, 'name.0.text', text),
    link(`${pointer}/dateOfBirth`, 'birthDate', date),
    link(
      `${pointer}/sex`,
      'gender',
      code({ female: 'female', male: 'male', indeterminate: 'other', unknown: 'unknown' }),
    ),
    link(
      `${pointer}/ethnicity`,
      'extension',
      codedExtension(
        `${UK}/StructureDefinition/Extension-UKCore-EthnicCategory`,
        `${UK}/CodeSystem/UKCore-EthnicCategoryEngland`,
        /^([A-Z]|99)$/,
      ),
    ),
    safeAddress(`${pointer}/address`),
    safeRoutes(`${pointer}/contactRoutes`),
    restricted,
    ...others,
  ],
});

/** BCP 47. FHIR binds the element to it, so that `unknown` and its like travel as contract fields. */
const languageTag = coded('urn:ietf:bcp:47', /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/);

/** Language and interpreter of `data.communication`. */
export const communicationLinks: readonly Link[] = [
  link('/data/communication/preferredLanguage', 'communication.0.language', languageTag),
  link(
    '/data/communication/interpreter',
    'extension',
    yesNoExtension('http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired'),
  ),
];

/** As the national demographics service says it: `R` is somebody whom nobody may find, `U` anybody else. */
export function restriction(pointer: string): Link {
  return link(pointer, 'meta.security', {
    write: (leaf) =>
      typeof leaf === 'boolean' ? [{ system: CODES.confidentiality, code: leaf ? 'R' : 'U' }] : undefined,
    // Of several labels the strictest counts.
    read: (parent, element) => {
      const labels = parent.list(element).filter((coding) => coding.says('system', CODES.confidentiality));
      const codes = labels.map((label) => label.text('code') ?? '');
      return codes.length === 0 ? undefined : !codes.every((each) => ['U', 'N', 'L', 'M'].includes(each));
    },
  });
}

function safeAddress(pointer: string): Link {
  return {
    write(leaves, base, resource) {
      const at = base + pointer;
      const lines = itemsOf(leaves, `${at}/lines`).map((line) => leaves.get(line));
      const postalCode = leaves.get(`${at}/postcode`);
      const isKnown = leaves.get(`${at}/kind`) === 'known' && (lines.length > 0 || postalCode !== undefined);
      if (!isKnown || leaves.get(`${at}/safeToWrite`) !== 'yes' || lines.includes('')) return false;
      resource['address'] = [{ line: lines, postalCode }];
      return true;
    },
    read(resource, base, said) {
      const address = resource.list('address')[0];
      if (!address) return;
      const at = base + pointer;
      say(said, `${at}/kind`, 'known', address);
      address
        .texts('line')
        .forEach((line, index) => say(said, `${at}/lines/${index}`, line, address, 'line'));
      const postcode = address.text('postalCode');
      if (postcode !== undefined) say(said, `${at}/postcode`, postcode, address, 'postalCode');
    },
  };
}

/** `rank` carries the place among the message's routes, of which the unsafe ones are not here. */
function safeRoutes(pointer: string): Link {
  return {
    write(leaves, base, resource) {
      const points: Json[] = [];
      itemsOf(leaves, base + pointer).forEach((route, index) => {
        const point: Json = {};
        const isSafe =
          leaves.get(`${route}/safe`) === 'yes' && leaves.get(`${route}/belongsTo`) === 'young-person';
        if (isSafe && contactPoint.write(leaves, route, point)) points.push({ ...point, rank: index + 1 });
      });
      if (points.length > 0) resource['telecom'] = points;
      return points.length > 0;
    },
    read(resource, base, said) {
      resource.list('telecom').forEach((point, index) => {
        const at = `${base}${pointer}/${(point.number('rank') ?? index + 1) - 1}`;
        contactPoint.read(point, at, said);
      });
    },
  };
}
