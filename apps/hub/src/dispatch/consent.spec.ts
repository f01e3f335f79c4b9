import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  PURPOSES,
  SENSITIVITIES,
  SHARING_BASES,
  type Agreement,
  type ConsentStatement,
  type ConsentStatus,
} from '#contracts';
import { decideSharing, type Sharing, type SharingInput } from './consent.js';

const TODAY = '2026-05-20';

function anAgreement(deviation: Partial<Agreement> = {}): Agreement {
  return {
    id: 'salus-2026',
    partner: 'salus',
    purposes: ['operations', 'direct-care', 'safety'],
    sensitivity: 'S3',
    from: '2026-04-01',
    ...deviation,
  };
}

/** A care message for Salus on the basis of consent, of which nothing is recorded yet. */
function aQuestion(deviation: Partial<SharingInput> = {}): SharingInput {
  return {
    contract: { safety: false, consentCheck: true, dataClass: 'care' },
    basis: 'consent',
    statements: [],
    partner: 'salus',
    agreements: [anAgreement()],
    date: TODAY,
    ...deviation,
  };
}

function said(status: ConsentStatus, deviation: Partial<ConsentStatement> = {}): ConsentStatement {
  return { status, party: '*', dataClass: '*', purpose: '*', ...deviation };
}

/** A decision in one line: what is done, why, and with which purposes. */
function inALine(sharing: Sharing): string {
  if (sharing.action !== 'send') return `${sharing.action} ${sharing.code}`;
  const { purposes, sensitivityCap, refuseAbove } = sharing.permit;
  return [
    `send ${purposes.join('+')} to ${sensitivityCap}`,
    refuseAbove && `refuse above ${refuseAbove}`,
    sharing.note,
    sharing.code,
    sharing.review && 'review',
  ]
    .filter(Boolean)
    .join(', ');
}

const ALL = 'send operations+direct-care+safety to S3';
const BLOCK = 'block consent/not-recorded';
const WITHHOLD = 'withhold consent/refused';

describe('the latest statement binds', () => {
  it.each<[string, ConsentStatement[], string, string]>([
    ['nothing said', [], BLOCK, ALL],
    ['given', [said('given')], ALL, ALL],
    ['refused', [said('refused')], WITHHOLD, ALL],
    ['withdrawn', [said('given'), said('withdrawn')], WITHHOLD, WITHHOLD],
    ['given again', [said('withdrawn'), said('given')], ALL, ALL],
    ['expired', [said('given'), said('expired')], BLOCK, ALL],
    ['not asked', [said('not-asked')], BLOCK, ALL],
    [
      'said of another partner',
      [said('withdrawn', { party: 'ylf' }), said('given', { party: 'nkm' })],
      BLOCK,
      ALL,
    ],
    ['said of other data', [said('given'), said('withdrawn', { dataClass: 'operational' })], ALL, ALL],
    [
      'withdrawn for this partner',
      [said('given'), said('withdrawn', { party: 'salus' })],
      WITHHOLD,
      WITHHOLD,
    ],
    [
      'withdrawn for care, given for safety',
      [said('given'), said('withdrawn', { purpose: 'direct-care' })],
      'send operations+safety to S3',
      'send operations+safety to S3',
    ],
    [
      'given for care alone',
      [said('given', { purpose: 'direct-care' })],
      'send operations+direct-care to S3',
      ALL,
    ],
    ['limited, and nothing named', [said('given'), said('limited')], BLOCK, ALL],
    ['limited, and this one named', [said('limited'), said('given', { party: 'salus' })], ALL, ALL],
    ['limited to another', [said('given'), said('limited', { party: 'ylf' })], BLOCK, ALL],
    [
      'limited to two, this one first',
      [said('given'), said('limited', { party: 'salus' }), said('limited', { party: 'ylf' })],
      ALL,
      ALL,
    ],
  ])('%s', (_case, statements, onConsent, onAgreement) => {
    expect(inALine(decideSharing(aQuestion({ statements })))).toBe(onConsent);
    expect(inALine(decideSharing(aQuestion({ statements, basis: 'care-sharing-agreement' })))).toBe(
      onAgreement,
    );
  });

  it('goes by the contract’s own basis where the message names none, and by consent where that is silent', () => {
    const contract = { safety: false, consentCheck: true, dataClass: 'care' };
    const silent = aQuestion({ basis: undefined });
    expect(inALine(decideSharing(silent))).toBe(BLOCK);
    expect(
      inALine(
        decideSharing({ ...silent, contract: { ...contract, defaultBasis: 'care-sharing-agreement' } }),
      ),
    ).toBe(ALL);
  });

  it('lets a partner whose agreement is for operations alone have them only when consent is there', () => {
    const agreements = [anAgreement({ purposes: ['operations'], sensitivity: 'S2' })];
    expect(inALine(decideSharing(aQuestion({ agreements })))).toBe(BLOCK);
    expect(inALine(decideSharing(aQuestion({ agreements, statements: [said('given')] })))).toBe(
      'send operations to S2',
    );
  });
});

describe('the other grounds', () => {
  it.each(['none-needed', 'aggregate'] as const)('%s lets nothing above S1 out', (basis) => {
    expect(inALine(decideSharing(aQuestion({ basis, statements: [said('withdrawn')] })))).toBe(
      `${ALL}, refuse above S1`,
    );
  });

  it.each(['safeguarding-override', 'vital-interest'] as const)(
    '%s strips to safety and opens a review',
    (basis) => {
      const question = aQuestion({
        basis,
        overridereason: 'seen in danger',
        statements: [said('withdrawn')],
      });
      expect(inALine(decideSharing(question))).toBe(
        'send safety to S4, override-minimum, consent/override-stripped, review',
      );
    },
  );

  it.each([undefined, '', '  '])('an override without a reason (%j) is none', (overridereason) => {
    const question = aQuestion({ basis: 'safeguarding-override', overridereason });
    expect(inALine(decideSharing(question))).toBe(BLOCK);
    expect(inALine(decideSharing({ ...question, statements: [said('withdrawn')] }))).toBe(WITHHOLD);
  });
});

describe('the agreement', () => {
  it.each<[string, Agreement[], string]>([
    ['in force on its first day', [anAgreement({ from: TODAY })], ALL],
    ['in force on its last day', [anAgreement({ until: TODAY })], ALL],
    ['in force until the day it ends', [anAgreement({ ended: '2026-05-21' })], ALL],
    ['none at all', [], 'block consent/agreement-pending'],
    ['only another partner’s', [anAgreement({ partner: 'ylf' })], 'block consent/agreement-pending'],
    ['not yet in force', [anAgreement({ from: '2026-05-21' })], 'block consent/agreement-pending'],
    ['lapsed', [anAgreement({ until: '2026-05-19' })], 'block consent/agreement-pending'],
    ['ended', [anAgreement({ ended: TODAY })], 'withhold consent/agreement-ended'],
    [
      'ended, and another in force',
      [anAgreement({ ended: '2026-05-01' }), anAgreement({ from: '2026-05-01' })],
      ALL,
    ],
    [
      'ended, and another to come',
      [anAgreement({ ended: '2026-05-01' }), anAgreement({ from: '2026-06-01' })],
      'block consent/agreement-pending',
    ],
    [
      'lapsed after an earlier one was ended',
      [anAgreement({ from: '2026-05-01', until: '2026-05-10' }), anAgreement({ ended: '2026-04-30' })],
      'block consent/agreement-pending',
    ],
  ])('%s', (_case, agreements, expected) => {
    expect(inALine(decideSharing(aQuestion({ agreements, statements: [said('given')] })))).toBe(expected);
  });

  it('does not keep back what consent can never hold: only the least leaves without one', () => {
    const contract = { safety: false, consentCheck: false, dataClass: 'operational' };
    const statements = [said('withdrawn')];
    expect(inALine(decideSharing(aQuestion({ contract, statements })))).toBe(ALL);
    expect(inALine(decideSharing(aQuestion({ contract, statements, agreements: [] })))).toBe(
      'send operations to S1',
    );
  });
});

describe('what must hold for everything', () => {
  it('sends the minimum of a safety type, whatever consent, basis and agreement say', () => {
    fc.assert(
      fc.property(anyQuestion(), (question) => {
        const safety = { ...question, contract: { ...question.contract, safety: true } };
        expect(inALine(decideSharing(safety))).toBe('send safety to S4, safety-minimum');
      }),
    );
  });

  it('never lets out a purpose beyond the agreement but for safety', () => {
    fc.assert(
      fc.property(anyQuestion(), (question) => {
        const sharing = decideSharing(question);
        if (sharing.action !== 'send' || sharing.note) return;
        const covered = question.agreements.find(
          ({ from, until }) => from <= TODAY && (!until || TODAY <= until),
        );
        for (const purpose of sharing.permit.purposes) expect(covered?.purposes).toContain(purpose);
        expect(sharing.permit.sensitivityCap).toBe(covered?.sensitivity);
      }),
    );
  });

  it('never sends on consent after it was withdrawn from everybody', () => {
    fc.assert(
      fc.property(anyQuestion(), fc.constantFrom('consent', 'care-sharing-agreement'), (question, basis) => {
        const statements = [...question.statements, said('withdrawn')];
        const sharing = decideSharing({ ...question, basis: basis, statements });
        expect(sharing.action).not.toBe('send');
      }),
    );
  });
});

function anyQuestion(): fc.Arbitrary<SharingInput> {
  const statement = fc.record({
    status: fc.constantFrom<ConsentStatus[]>(
      'given',
      'refused',
      'withdrawn',
      'limited',
      'expired',
      'unknown',
    ),
    party: fc.constantFrom('*', 'salus', 'ylf'),
    dataClass: fc.constantFrom('*', 'care', 'risk'),
    purpose: fc.constantFrom('*', ...PURPOSES),
  });
  const agreement = fc.record({
    id: fc.constant('one'),
    partner: fc.constant('salus'),
    purposes: fc.subarray([...PURPOSES], { minLength: 1 }),
    sensitivity: fc.constantFrom(...SENSITIVITIES),
    from: fc.constantFrom('2026-04-01', '2026-06-01'),
    until: fc.constantFrom(undefined, '2026-05-01', '2026-12-31'),
  });
  return fc.record({
    contract: fc.constant({ safety: false, consentCheck: true, dataClass: 'care' }),
    basis: fc.constantFrom(undefined, ...SHARING_BASES),
    overridereason: fc.constantFrom(undefined, 'seen in danger'),
    statements: fc.array(statement, { maxLength: 5 }),
    partner: fc.constant('salus'),
    agreements: fc.array(agreement, { maxLength: 1 }),
    date: fc.constant(TODAY),
  });
}
