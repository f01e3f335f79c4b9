import type { Leaf } from './leaves.js';
import type { Place } from './place.js';

/**
 * How one value of a message looks inside a FHIR element. A shape is exact: what `write` puts there, `read` gives back
 * as it was. A value that the element cannot hold gives undefined and travels as a contract field.
 */
export interface Shape {
  write(leaf: Leaf): unknown;
  read(parent: Place, element: string): Leaf | undefined;
}

const CODE = /^[^\s]+( [^\s]+)*$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/;

const stringThat = (fits: (text: string) => boolean): Shape => ({
  write: (leaf) => (typeof leaf === 'string' && fits(leaf) ? leaf : undefined),
  read: (parent, element) => parent.text(element),
});
export const text = stringThat((value) => value !== '');
export const date = stringThat((value) => DATE.test(value));
export const dateTime = stringThat((value) => DATE_TIME.test(value));

/** One of FHIR's own codes for one of ours; the table must be one to one. */
export function code(table: Record<string, string>): Shape {
  return {
    write: (leaf) => (typeof leaf === 'string' && Object.hasOwn(table, leaf) ? table[leaf] : undefined),
    read: (parent, element) => {
      const value = parent.text(element);
      const ours = Object.keys(table).find((key) => table[key] === value);
      if (value !== undefined && ours === undefined) {
        parent.complain('code-invalid', `Allowed here: ${Object.values(table).join(', ')}.`, element);
      }
      return ours;
    },
  };
}

/** One of two codes of FHIR's for true and false. */
export const either = (whenTrue: string, whenFalse: string): Shape => {
  const codes = code({ true: whenTrue, false: whenFalse });
  return {
    write: (leaf) => (typeof leaf === 'boolean' ? codes.write(String(leaf)) : undefined),
    read: (parent, element) => {
      const answer = codes.read(parent, element);
      return answer === undefined ? undefined : answer === 'true';
    },
  };
};

/** A coding in a CodeableConcept, for the values that fit. */
export function coded(system: string, fits = CODE): Shape {
  return {
    write: (leaf) =>
      typeof leaf === 'string' && fits.test(leaf) ? { coding: [{ system, code: leaf }] } : undefined,
    read: (parent, element) => codeIn(parent.child(element), system),
  };
}

/** A CodeableConcept with one coding of this system, among others in a list. */
export function codedAmong(system: string): Shape {
  const one = coded(system);
  return {
    write: (leaf) => listOf(one.write(leaf)),
    // Up to the first: a second code of the system is not carried, and so not to be read.
    read: (parent, element) => {
      for (const concept of parent.list(element)) {
        const found = codeIn(concept, system);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** A bare Coding among others in a list. */
export function codingAmong(system: string): Shape {
  return {
    write: (leaf) => (typeof leaf === 'string' && CODE.test(leaf) ? [{ system, code: leaf }] : undefined),
    read: (parent, element) =>
      parent
        .list(element)
        .find((coding) => coding.says('system', system))
        ?.text('code'),
  };
}

/** An Identifier of this system. */
export function identifier(system: string): Shape {
  return {
    write: (leaf) => (typeof leaf === 'string' && leaf !== '' ? { system, value: leaf } : undefined),
    read: (parent, element) => {
      const found = parent.child(element);
      return found?.says('system', system) ? found.text('value') : undefined;
    },
  };
}

/** An Identifier of this system, among others in a list; two of them say nothing, for we would not know which. */
export function identifierAmong(system: string): Shape {
  const one = identifier(system);
  return {
    write: (leaf) => listOf(one.write(leaf)),
    read: (parent, element) => {
      const [found, second] = parent.list(element).filter((each) => each.says('system', system));
      if (!second) return found?.text('value');
      second.complain(
        'multiple-matches',
        'There can be only one identifier of this system; send one message for each person.',
      );
      return undefined;
    },
  };
}

/** A reference by identifier alone, to what is not in the bundle. */
export function referenceById(system: string): Shape {
  const one = identifier(system);
  return {
    write: (leaf) => wrap('identifier', one.write(leaf)),
    read: (parent, element) => {
      const reference = parent.child(element);
      return reference && one.read(reference, 'identifier');
    },
  };
}

/** The number in a Quantity without a unit. */
export const quantity: Shape = {
  write: (leaf) => (typeof leaf === 'number' ? { value: leaf } : undefined),
  read: (parent, element) => parent.child(element)?.number('value'),
};

/** A whole number that is not negative. */
export const integer: Shape = {
  write: (leaf) => (Number.isInteger(leaf) && (leaf as number) >= 0 ? leaf : undefined),
  read: (parent, element) => parent.number(element),
};

/** An extension with one boolean, for our yes and no. */
export function yesNoExtension(url: string): Shape {
  return {
    write: (leaf) => (leaf === 'yes' || leaf === 'no' ? [{ url, valueBoolean: leaf === 'yes' }] : undefined),
    read: (parent, element) => {
      const flag = extensionOf(parent, element, url)?.flag('valueBoolean');
      return flag === undefined ? undefined : flag ? 'yes' : 'no';
    },
  };
}

/** An extension with one coding of this system, for the values that fit. */
export function codedExtension(url: string, system: string, fits: RegExp): Shape {
  const one = coded(system);
  return {
    write: (leaf) =>
      typeof leaf === 'string' && fits.test(leaf)
        ? [{ url, valueCodeableConcept: one.write(leaf) }]
        : undefined,
    read: (parent, element) => {
      const extension = extensionOf(parent, element, url);
      return extension && one.read(extension, 'valueCodeableConcept');
    },
  };
}

/** The code of this system in a CodeableConcept. */
export const codeIn = (concept: Place | undefined, system: string): string | undefined =>
  concept
    ?.list('coding')
    .find((coding) => coding.says('system', system))
    ?.text('code');

/** Whether a CodeableConcept is this code of this system; another one stays unread. */
export const hasCode = (concept: Place | undefined, system: string, value: string): boolean =>
  concept
    ?.list('coding')
    .some(
      (coding) =>
        coding.value['code'] === value && coding.says('system', system) && coding.says('code', value),
    ) ?? false;

const extensionOf = (parent: Place, element: string, url: string): Place | undefined =>
  parent.list(element).find((extension) => extension.says('url', url));
const listOf = (value: unknown): unknown[] | undefined => (value === undefined ? undefined : [value]);
const wrap = (name: string, value: unknown): unknown => (value === undefined ? undefined : { [name]: value });
