import { describe, expect, it } from '@jest/globals';
import { loadAlliance } from '#contracts';
import { signpost } from './signpost.js';

const { directory, partners } = loadAlliance(undefined, {});
const ids = (asked: Parameters<typeof signpost>[1]): string[] =>
  signpost(directory, asked).map(({ id }) => id);

describe('what somebody is told of', () => {
  it('is local to where they are', () => {
    expect(ids({ area: 'medway' })).toEqual(expect.arrayContaining(['shout', 'school-health-medway']));
    expect(signpost(directory, { area: 'medway' }).filter(({ area }) => area === 'kent')).toEqual([]);
    expect(ids({ area: 'kent' })).toContain('moodspark');
    expect(ids({ area: 'kent' })).not.toContain('better-medway');
  });

  it.each([
    [4, 'family-hubs', true],
    [5, 'family-hubs', false],
    [15, 'safe-havens-young', false],
    [16, 'safe-havens-young', true],
    [17, 'safe-havens-young', true],
    [18, 'safe-havens-young', false],
    [18, 'safe-havens-adult', true],
  ])('at %s: %s is %s', (age, id, is) => {
    expect(ids({ age }).includes(id)).toBe(is);
  });

  it('is never what is switched off, nor a partner', () => {
    expect(directory.map(({ id }) => id)).toContain('oasis');
    expect(ids({})).not.toContain('oasis');
    for (const { id } of partners) expect(directory.map((entry) => entry.id)).not.toContain(id);
  });
});
