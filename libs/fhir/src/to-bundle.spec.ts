import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import { fromBundle } from './from-bundle.js';
import { REPRESENTATIONS } from './representations.js';
import { toBundle } from './to-bundle.js';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);

/** Every valid example of every contract that has a FHIR form. */
const examples = Object.keys(REPRESENTATIONS).flatMap((type) => {
  const folder = new URL(`${type.slice('mta.'.length, -'.v1'.length)}/v1.examples/valid/`, SCHEMAS);
  return readdirSync(folder).map((name) => {
    const envelope = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Envelope;
    return { title: `${type} ${name}`, envelope };
  });
});

describe('toBundle', () => {
  it('finds at least three valid examples of each contract', () => {
    expect(examples.length).toBeGreaterThanOrEqual(3 * Object.keys(REPRESENTATIONS).length);
  });

  it.each(examples)('carries the same message there and back: $title', ({ envelope }) => {
    const wire = JSON.parse(JSON.stringify(toBundle(envelope))) as unknown;
    const read = fromBundle(wire);
    expect('outcome' in read ? read.outcome : read.envelope).toEqual(envelope);
  });

  it.each(examples)('writes the same bytes twice: $title', ({ envelope }) => {
    expect(JSON.stringify(toBundle(envelope))).toBe(JSON.stringify(toBundle(structuredClone(envelope))));
  });
});
