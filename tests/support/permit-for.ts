import { loadAlliance, type Contract } from '#contracts';
import { decideSharing, type Permit } from '../../apps/hub/src/dispatch/consent.js';

const { agreements } = loadAlliance();
const DAY = '2026-11-20';

/** What the agreement in force lets this partner have, where everybody has said yes. */
export function permitFor(partner: string, contract: Contract, restricted = false): Permit {
  const sharing = decideSharing({
    contract,
    statements: [{ status: 'given', party: '*', dataClass: '*', purpose: '*' }],
    partner,
    agreements: agreements.filter((agreement) => agreement.partner === partner),
    date: DAY,
    restricted,
  });
  if (sharing.action !== 'send') throw new Error(`${contract.name} does not go to ${partner}.`);
  return sharing.permit;
}
