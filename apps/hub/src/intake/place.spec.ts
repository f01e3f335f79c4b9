import { describe, expect, it } from '@jest/globals';
import { caseAreaOf, placeInCase, type CaseContext } from './place.js';

const mayJoin = { case: 'may-join', safety: false } as const;
const nothing: CaseContext = { case: null, partnerCase: null, cause: null };
const known = {
  caseRef: 'MTA-7KQ4-M2XV-9',
  area: 'medway' as const,
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

describe('the area of a message', () => {
  const kents = { ...known, caseRef: 'MTA-0Q2X-77PD-3', area: 'kent' as const };
  const measure = { type: 'outcome.measure' };
  const fresh = { in: 'new', provisional: true } as const;

  it('is that of the case that it is placed in, whatever it answers', () => {
    const placement = { in: 'known', case: kents } as const;
    expect(caseAreaOf(measure, placement, { cause: { case: known } })).toBe('kent');
  });

  it('is else that of what it takes back or answers', () => {
    expect(caseAreaOf(measure, fresh, { cause: { case: kents } })).toBe('kent');
    expect(caseAreaOf(measure, { in: 'none' }, { cause: null, recalled: { case: kents } })).toBe('kent');
  });

  it('is else told by its sender alone, but for a referral, which asks the front door of Medway', () => {
    expect(caseAreaOf(measure, fresh, nothing)).toBeUndefined();
    expect(caseAreaOf({ type: 'referral.submitted' }, fresh, nothing)).toBe('medway');
    expect(caseAreaOf({ type: 'referral.submitted' }, fresh, { cause: { case: kents } })).toBe('kent');
  });
});
