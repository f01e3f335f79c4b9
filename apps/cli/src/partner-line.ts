/** A partner as `GET /v1/partners` shows it. */
export interface PartnerLine {
  id: string;
  name: string;
  channel: string;
  gates: Gate[];
}

interface Gate {
  stream: 'ordinary' | 'urgent';
  state: string;
  until?: string | null;
  owner?: string | null;
  reason?: string | null;
}

/** Those of a partner's gates that are not open. */
export function shutGates(partner: PartnerLine): Gate[] {
  return partner.gates.filter(({ state }) => state !== 'open');
}
