import { describe, expect, it } from '@jest/globals';
import type { Agreement, ConsentStatement } from '#contracts';
import { contracts, validExample } from '../../../../tests/support/rules.js';
import { decideSharing } from './consent.js';

const before: ConsentStatement[] = [{ status: 'given', party: '*', dataClass: '*', purpose: '*' }];

/** What becomes of a valid example's copy for a partner, in a case where all sharing was agreed to before. */
function sharing(type: string, example: string, partner: string, earlier = before) {
  const envelope = validExample(type, example);
  const contract = contracts.get(envelope.type);
  if (!contract) throw new Error(`${type} is no contract.`);
  const agreement: Agreement = {
    id: `${partner}-2026`,
    partner,
    purposes: ['direct-care', 'safety'],
    sensitivity: 'S4',
    from: '2026-04-01',
  };
  const statements = [...earlier, ...contracts.consentStatementsOf(contract, envelope)];
  const decided = decideSharing({
    contract,
    statements,
    partner,
    agreements: [agreement],
    date: '2026-11-22',
  });
  return decided.action === 'send' ? 'send' : decided.code;
}

describe('a safety plan', () => {
  it('goes to whom the young person named and agreed to, and to nobody else', () => {
    expect(sharing('safety-plan.shared', 'one-agreed-one-refused', 'salus')).toBe('send');
    expect(sharing('safety-plan.shared', 'one-agreed-one-refused', 'ylf')).toBe('consent/refused');
  });

  it('stays from a party that it does not name, whatever was agreed to before', () => {
    expect(sharing('safety-plan.shared', 'one-agreed-one-refused', 'chums')).toBe('consent/refused');
    expect(sharing('safety-plan.shared', 'all-refused', 'salus')).toBe('consent/refused');
  });

  it('is withdrawn from everybody who may have it, also from those whose consent ended', () => {
    expect(sharing('safety-plan.withdrawn', 'consent-withdrawn', 'salus')).toBe('send');
  });

  it('changes nothing for what is shared of care', () => {
    const plan = contracts.get('mta.safety-plan.shared.v1');
    const said = plan ? contracts.consentStatementsOf(plan, validExample(plan.type, 'all-refused')) : [];
    expect(sharing('intervention.status', 'in-progress', 'nkm', [...before, ...said])).toBe('send');
  });
});
