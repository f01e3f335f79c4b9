import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { escapePointer, PROPERTY_ANNOTATIONS, ROOT_ANNOTATIONS } from './annotations.js';
import type { JsonSchema, Violation } from './contract.js';
import { isNhsNumber } from './nhs-number.js';

/** More would help nobody to mend a message. */
export const MOST_VIOLATIONS = 20;

/** An error that another one explains better: `if` beside what its `then` found, or why an item is not the one sought. */
const isEcho = (error: ErrorObject): boolean =>
  error.keyword === 'if' || error.schemaPath.includes('/contains/');

/** Checks a value; `at` is the pointer of the value in the envelope. An empty list says that it is valid. */
export type Validator = (value: unknown, at?: string) => Violation[];

/**
 * Compiles a schema so that it stops at the first fault, for the many messages that are valid. Where one is not, it is
 * compiled once more to find them all. Throws on a schema that Ajv's strict mode does not accept.
 */
export function compileValidator(schema: JsonSchema): Validator {
  const quick = quickAjv().compile(schema);
  let thorough: ValidateFunction | undefined;
  return (value, at = '') => {
    if (quick(value)) return [];
    thorough ??= thoroughAjv().compile(schema);
    return violationsOf(thorough, value, at);
  };
}

/** One of each for the process, made on first use: to compile the meta-schema costs more than any contract. */
const quickAjv = once(() => strictAjv(false));
const thoroughAjv = once(() => strictAjv(true));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function strictAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    // Conditions (`then: {required}`) name properties that are declared beside them, which this rule cannot see.
    strictRequired: false,
    strictTypes: true,
    allErrors,
    addUsedSchema: false,
    // To tidy the generated code up takes as long as to generate it, and it runs no quicker.
    code: { optimize: false },
  });
  addFormats.default(ajv, ['date', 'date-time', 'uuid']);
  ajv.addFormat('nhs-number', isNhsNumber);
  ajv.addVocabulary([...ROOT_ANNOTATIONS, ...PROPERTY_ANNOTATIONS]);
  return ajv;
}

function violationsOf(validate: ValidateFunction, value: unknown, at: string): Violation[] {
  validate(value);
  return (validate.errors ?? [])
    .filter((error) => !isEcho(error))
    .slice(0, MOST_VIOLATIONS)
    .map((error) => violationOf(error, at));
}

/** The pointer may name a key of the sender's, for the sender needs it; message and schemaPath never do. */
function violationOf(error: ErrorObject, at: string): Violation {
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const key = params.missingProperty ?? params.additionalProperty;
  return {
    pointer: at + error.instancePath + (key === undefined ? '' : `/${escapePointer(key)}`),
    keyword: error.keyword,
    message: messageOf(error),
    schemaPath: error.schemaPath,
  };
}

function messageOf(error: ErrorObject): string {
  const params = error.params as { allowedValues?: unknown[]; allowedValue?: unknown };
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is not a property of this contract';
    case 'false schema':
      return 'is not allowed here';
    case 'enum':
      return `must be one of ${(params.allowedValues ?? []).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    default:
      return error.message ?? `does not satisfy ${error.keyword}`;
  }
}
