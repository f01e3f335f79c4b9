import { describe, expect, it } from '@jest/globals';

import { checkCodes, checkCodeListsKnown, type CodeLists } from './code-lists.js';

const lists: CodeLists = {
  colours: {
    version: '2026-04-01.1',
    title: 'Colours',
    source: 'Ours',
    open: true,
    codes: [{ code: 'red', display: 'Red' }],
  },
  shapes: {
    version: '2026-04-01.2',
    title: 'Shapes',
    source: 'Ours',
    open: false,
    codes: [{ code: 'round', display: 'Round' }],
  },
};
const check = (pointer: string, list: string, data: unknown) =>
  checkCodes([{ segments: pointer.split('/').slice(1), list }], data, lists);

describe('a code', () => {
  it.each([
    ['of the list', '/colour', { colour: 'red' }],
    ['that is not stated', '/colour', {}],
    ['whose place is another thing', '/colour/code', { colour: 'red' }],
    ['in whose place stands an answer', '/colour', { colour: 'not-asked' }],
    ['of the list, each of several', '/colours', { colours: ['red', 'declined'] }],
  ])('%s is well', (_what, pointer, data) => {
    expect(check(pointer, 'colours', data)).toEqual([]);
  });

  it('that an open list lacks is noted, without its value', () => {
    expect(check('/colour', 'colours', { colour: 'Robin' })).toEqual([
      {
        pointer: '/data/colour',
        keyword: 'code-list',
        message: 'This is no code of the list colours (2026-04-01.1).',
        schemaPath: '#/code-list/colours',
        severity: 'quality',
      },
    ]);
  });

  it('that a closed list lacks is refused', () => {
    expect(check('/shape', 'shapes', { shape: 'square' })).toMatchObject([{ severity: 'refuse' }]);
  });

  it('is found in lists and in objects of lists, each with its place', () => {
    const pointers = (pointer: string, data: unknown) =>
      check(pointer, 'colours', data).map((finding) => finding.pointer);
    expect(pointers('/colours', { colours: ['red', 'x', 'y'] })).toEqual([
      '/data/colours/1',
      '/data/colours/2',
    ]);
    expect(pointers('/parts/*/colour', { parts: [{ colour: 'x' }, { colour: 'red' }, {}] })).toEqual([
      '/data/parts/0/colour',
    ]);
  });

  it('of a list that is nowhere stops the boot, which names every such place', () => {
    const contract = { name: 'mta.a.v1', codeLists: { '/colour': 'colours', '/taste': 'tastes' } };
    expect(() => checkCodeListsKnown([contract], lists)).toThrow(
      'mta.a.v1 /taste names code-lists/tastes.json, which is missing',
    );
    expect(() =>
      checkCodeListsKnown([{ ...contract, codeLists: { '/colour': 'colours' } }], lists),
    ).not.toThrow();
  });

  it('cannot be held against a list that the alliance lacks', () => {
    expect(() => check('/colour', 'nowhere', { colour: 'red' })).toThrow('There is no code list "nowhere".');
  });
});
