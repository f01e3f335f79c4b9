import { describe, expect, it } from '@jest/globals';
import { loadAlliance, type Contract, type Contracts, type Finding, type RuleFacts } from '#contracts';
import { checkRules } from './check-rules.js';
import type { ValidMessage } from './validate.js';

const alliance = loadAlliance(undefined, {});

/** Contracts whose rules always find the same. */
function finding(...findings: Partial<Finding>[]): { contracts: Contracts; asked: Partial<RuleFacts>[] } {
  const asked: Partial<RuleFacts>[] = [];
  const checked = (_contract: unknown, _envelope: unknown, facts: Partial<RuleFacts>) => {
    asked.push(facts);
    return { findings, facts: { colour: 'red' } };
  };
  return { contracts: { checkRules: checked } as unknown as Contracts, asked };
}

const message = (safety: boolean): ValidMessage => ({
  partner: 'salus',
  envelope: { specversion: '1.0', id: 'a', source: '/partners/salus', type: 'mta.a.v1', data: {} },
  contract: { safety } as Contract,
  findings: [],
});
const now = new Date('2026-06-30T23:30:00Z');

describe('what rules find', () => {
  it('is asked for the day in London, which begins before that of UTC in summer', () => {
    const { contracts, asked } = finding();
    checkRules({ contracts, alliance }, message(false), now);
    expect(asked).toMatchObject([{ today: '2026-07-01', codeLists: alliance.codeLists }]);
  });

  it('refuses where it says so, and only that is told', () => {
    const { contracts } = finding(
      { keyword: 'a', severity: 'refuse' },
      { keyword: 'b', severity: 'quality' },
    );
    expect(checkRules({ contracts, alliance }, message(false), now)).toEqual({
      violations: [{ keyword: 'a' }],
    });
  });

  it('never refuses a safety message, and is kept with it', () => {
    const { contracts } = finding({ keyword: 'a', severity: 'refuse' });
    const { message: kept } = checkRules({ contracts, alliance }, message(true), now);
    expect(kept?.findings).toEqual([{ keyword: 'a', severity: 'refuse' }]);
  });

  it('is kept before what is only poor, of which there may be more than is kept', () => {
    const { contracts } = finding({ keyword: 'a', severity: 'refuse' });
    const poor = { keyword: 'p', severity: 'quality' } as Finding;
    const full = { ...message(true), findings: Array.from({ length: 20 }, () => poor) };
    const { message: kept } = checkRules({ contracts, alliance }, full, now);
    expect(kept?.findings.map(({ keyword }) => keyword)).toEqual([
      'a',
      ...Array.from({ length: 19 }, () => 'p'),
    ]);
  });

  it('is kept with any message where only the quality is poor, and routes see its facts', () => {
    const { contracts } = finding({ keyword: 'b', severity: 'quality' });
    const { message: kept } = checkRules({ contracts, alliance }, message(false), now);
    expect(kept).toMatchObject({
      findings: [{ keyword: 'b', severity: 'quality' }],
      facts: { colour: 'red' },
    });
  });
});
