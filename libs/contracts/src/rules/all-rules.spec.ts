import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { contracts, findings, validExample } from '../../../../tests/support/rules.js';
import { projectRoot } from '../project-root.js';
import { RULES } from './all-rules.js';

describe('every rule', () => {
  it('has an id that no other of its type has, and a type that there is', () => {
    const ids = RULES.map(({ type, id }) => `${type} ${id}`);
    expect(ids).toEqual([...new Set(ids)]);
    expect(RULES.filter(({ type }) => contracts.byType(type).length === 0)).toEqual([]);
  });
});

describe('every valid example', () => {
  const examples = contracts.all.flatMap(({ type, major }) => {
    const folder = join(projectRoot(), 'schemas', type, `v${major}.examples/valid`);
    return readdirSync(folder).map((file) => [type, file.replace('.json', '')] as const);
  });

  it.each(examples)('%s %s is refused by none', (type, name) => {
    expect(findings(validExample(type, name)).filter(({ severity }) => severity === 'refuse')).toEqual([]);
  });
});
