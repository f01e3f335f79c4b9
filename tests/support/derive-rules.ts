import { loadAlliance, loadContracts, type Partner } from '#contracts';
import type { DeriveRules } from '../../apps/hub/src/dispatch/derive-copy.js';
import type { Bodies } from '../../apps/hub/src/store/sealing-keys.js';

/** What deriving looks at, for one partner that only a test knows: it has an agreement of everything. */
export function deriveRulesFor(
  bodies: Bodies,
  partner: string,
  channel: Partner['channel'] = 'fhir',
): DeriveRules {
  const purposes = ['operations', 'direct-care', 'coordination', 'safety'];
  const agreement = { id: 'all', partner, purposes, sensitivity: 'S4' as const, from: '2020-01-01' };
  const alliance = loadAlliance();
  const known = alliance.partners.find(({ id }) => id === 'nelft');
  if (!known) throw new Error('There is no nelft.');
  return {
    contracts: loadContracts(),
    alliance,
    partners: new Map([[partner, { ...known, channel }]]),
    agreements: new Map([[partner, [agreement]]]),
    bodies,
  };
}
