import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { pointerSegments, valueAt } from './annotations.js';
import type { JsonSchema } from './contract.js';

/** Beside `$ref` only words that describe may stand: a constraint there would be lost or doubled by inlining. */
const BESIDE_REF = /^(title|description|x-.+)$/;

/**
 * Reads a schema file and puts what every `$ref` names in its place; what stands beside the `$ref` wins. Throws on a
 * file or pointer that is not there, on a cycle, and on a constraint beside a `$ref`.
 */
export function readInlined(file: string): JsonSchema {
  const files = new Map<string, JsonSchema>();
  const load = (path: string): JsonSchema => {
    const known = files.get(path);
    if (known) return known;
    const schema = JSON.parse(readFileSync(path, 'utf8')) as JsonSchema;
    files.set(path, schema);
    return schema;
  };
  const { $defs: _defs, $id: _id, $schema: _schema, ...rest } = load(file);
  return inline(rest, file, load, []) as JsonSchema;
}

function inline(node: unknown, file: string, load: (path: string) => JsonSchema, trail: string[]): unknown {
  if (Array.isArray(node)) return node.map((element) => inline(element, file, load, trail));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...beside } = node as JsonSchema;
  if (typeof $ref !== 'string')
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, inline(value, file, load, trail)]),
    );
  const constraint = Object.keys(beside).find((key) => !BESIDE_REF.test(key));
  if (constraint)
    throw new Error(`${file}: "${constraint}" stands beside $ref ${$ref}; move it into what is named.`);
  return { ...(followed($ref, file, load, trail) as JsonSchema), ...beside };
}

function followed(ref: string, file: string, load: (path: string) => JsonSchema, trail: string[]): unknown {
  const [path = '', fragment = ''] = ref.split('#');
  const target = path === '' ? file : resolve(dirname(file), path);
  const address = `${target}#${fragment}`;
  if (trail.includes(address)) throw new Error(`${file}: $ref ${ref} leads back to itself.`);
  const named = valueAt(load(target), pointerSegments(fragment));
  if (named === undefined) throw new Error(`${file}: $ref ${ref} names nothing.`);
  return inline(named, target, load, [...trail, address]);
}
