import { describe, expect, it } from '@jest/globals';
import { placeInCase, type CaseContext } from './place.js';

const mayJoin = { case: 'may-join', safety: false } as const;
const nothing: CaseContext = { case: null, partnerCase: null, cause: null };
const known = {
  caseRef: 'MTA-7KQ4-M2XV-9',
  owner: 'front-door',
  ownerPartner: 'nkm',
  test: false,
  parties: ['nkm', 'ylf'],
};

describe('a message that may join a case', () => {
  it('belongs to none where it names none', () => {
    expect(placeInCase(mayJoin, {}, nothing)).toEqual({ in: 'none' });
  });

  it('joins the case that it names', () => {
    const placement = placeInCase(mayJoin, { caseref: known.caseRef }, { ...nothing, case: known });
    expect(placement).toEqual({ in: 'known', case: known });
  });

  it.each([{ caseref: 'MTA-0000-0000-0' }, { partnercaseref: 'YLF-1' }, { causationid: 'x' }])(
    'is linked by the front door where we do not know the case that it names: %j',
    (named) => {
      expect(placeInCase(mayJoin, named, nothing)).toEqual({ in: 'new', provisional: true });
    },
  );
});
