import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { AcceptRow, DeliveryRow } from '../../apps/hub/src/store/accept-row.js';

/** A partner that only the ledger knows: its gate is open. */
export async function aPartnerOf(pool: Pool, window = 8): Promise<string> {
  const partner = `p${randomUUID().slice(0, 8)}`;
  await pool.query(
    `insert into gate (partner, stream, since, owner, window_now, window_full)
     select $1, s, ledger_now(), 'ops', $2, $2 from unnest(array['ordinary', 'urgent']) s`,
    [partner, window],
  );
  return partner;
}

/** A message as accept writes it; `to` is its one recipient, in this lane. */
export function aRow(deviation: Partial<AcceptRow> & { to?: string; lane?: string | null } = {}): AcceptRow {
  const messageId = deviation.messageId ?? uuidv7();
  const { to, lane, ...rest } = deviation;
  const delivery: DeliveryRow = {
    deliveryId: uuidv7(),
    partner: to ?? 'nobody',
    role: 'front-door',
    asks: false,
    laneKey: lane ?? null,
    state: 'ready',
    owner: 'front-door',
    dueAt: new Date(0).toISOString(),
    fault: null,
  };
  return {
    messageId,
    source: '/partners/ylf',
    externalId: randomUUID(),
    digest: Buffer.from('digest'),
    receipt: `{"messageId":"${messageId}"}`,
    sealed: Buffer.from(`sealed ${messageId}`),
    type: 'mta.step-up.requested.v1',
    band: 1,
    acceptedAt: new Date().toISOString(),
    sender: 'ylf',
    caseRef: null,
    opens: null,
    partnerCaseRef: null,
    causationId: null,
    basis: 'consent',
    answer: 'none',
    test: false,
    facts: {},
    decision: {},
    findings: null,
    owner: null,
    consents: [],
    restricts: null,
    recalls: null,
    holders: null,
    clocks: [],
    alerts: [],
    deliveries: to === undefined ? [] : [delivery],
    ...rest,
  };
}

/** What opens a case of the front door. */
export const opening = {
  owner: 'front-door',
  ownerPartner: 'nkm',
  area: 'medway' as const,
  provisional: false,
  dueAt: new Date().toISOString(),
};
