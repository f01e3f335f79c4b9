import type * as fhir4 from 'fhir/r4.js';
import { EMPTY_ARRAY, EMPTY_OBJECT, type Leaf, type Leaves } from './leaves.js';
import { EXTENSIONS } from './names.js';
import type { Place } from './place.js';

const MAX_FIELDS = 2000;
const MAX_SEGMENTS = 32;
/** JSON values that no FHIR primitive can hold. */
const NOTHINGS: Readonly<Record<string, Leaf>> = {
  null: null,
  'empty-string': '',
  'empty-object': EMPTY_OBJECT,
  'empty-array': EMPTY_ARRAY,
};

/** One leaf of the message as an extension, for which FHIR has no element. */
export function contractField(pointer: string, leaf: Leaf): fhir4.Extension {
  return {
    url: EXTENSIONS.contractField,
    extension: [
      { url: 'pointer', valueString: pointer },
      { url: 'value', ...valueOf(leaf) },
    ],
  };
}

function valueOf(leaf: Leaf): Partial<fhir4.Extension> {
  const nothing = Object.keys(NOTHINGS).find((name) => NOTHINGS[name] === leaf);
  if (nothing) return { valueCode: nothing };
  if (typeof leaf === 'string') return { valueString: leaf };
  if (typeof leaf === 'boolean') return { valueBoolean: leaf };
  const isInteger = Number.isInteger(leaf) && Math.abs(leaf as number) < 2 ** 31;
  return isInteger ? { valueInteger: leaf as number } : { valueDecimal: leaf as number };
}

/**
 * Adds what the contract fields of an element say to what FHIR's own elements said. They may not contradict those: a
 * clinician reads the one, the contract's checks the other.
 */
export function addContractFields(element: Place, said: Leaves): void {
  const fields = element
    .list('extension')
    .filter((extension) => extension.says('url', EXTENSIONS.contractField));
  if (fields.length > MAX_FIELDS) {
    element.complain('too-costly', `At most ${MAX_FIELDS} contract fields are read.`, 'extension');
    return;
  }
  for (const field of fields) addContractField(field, said);
}

function addContractField(field: Place, said: Leaves): void {
  const parts = field.list('extension');
  const pointer = parts.find((part) => part.says('url', 'pointer'))?.text('valueString');
  const holder = parts.find((part) => part.says('url', 'value'));
  const leaf = holder && leafOf(holder);
  if (pointer === undefined || leaf === undefined || parts.length !== 2) {
    field.complain(
      'structure',
      'A contract field has a pointer (valueString) and one value, and nothing else.',
    );
  } else if (!/^\/[^/]/.test(pointer) || pointer.split('/').length > MAX_SEGMENTS + 1) {
    field.complain('value', 'The pointer must be a JSON Pointer into the message, at most 32 segments deep.');
  } else if (!said.has(pointer)) {
    said.set(pointer, leaf);
  } else if (said.get(pointer) !== leaf) {
    field.complain('conflict', 'This contract field contradicts an element of the bundle or another field.');
  }
}

function leafOf(holder: Place): Leaf | undefined {
  const values: (Leaf | undefined)[] = [
    holder.text('valueString'),
    holder.flag('valueBoolean'),
    holder.number('valueInteger'),
    holder.number('valueDecimal'),
    nothingOf(holder.text('valueCode')),
  ];
  const [value, ...more] = values.filter((each) => each !== undefined);
  return more.length === 0 ? value : undefined;
}

const nothingOf = (code: string | undefined): Leaf | undefined =>
  code !== undefined && Object.hasOwn(NOTHINGS, code) ? NOTHINGS[code] : undefined;
