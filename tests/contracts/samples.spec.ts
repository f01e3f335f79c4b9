import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { loadContracts, projectRoot, type Envelope } from '#contracts';

const folder = join(projectRoot(), 'samples');
const contracts = loadContracts();

describe('samples', () => {
  it.each(readdirSync(folder).filter((file) => file.endsWith('.json')))('%s is a valid message', (file) => {
    const sample = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Envelope;
    expect(contracts.validateEnvelope(sample)).toEqual([]);
    expect(file).toContain(`.${sample.source.split('/').at(-1)}-to-`);
    const contract = contracts.get(sample.type);
    expect(contract && contracts.validate(contract, sample)).toEqual([]);
  });
});
