import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { endPauses, pauseGate } from './gates.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const over = { reason: 'their audit', by: 'ops', owner: 'ops', until: '2020-01-01T00:00:00Z' };

async function aPartner(states: { ordinary: string; urgent: string }): Promise<string> {
  const partner = `p${randomUUID().slice(0, 8)}`;
  await db.pool.query(
    `insert into gate (partner, stream, state, until, since, owner, window_now, window_full)
     values ($1, 'ordinary', $2, ledger_now(), ledger_now(), 'ops', 4, 4),
            ($1, 'urgent', $3, ledger_now(), ledger_now(), 'ops', 4, 4)`,
    [partner, states.ordinary, states.urgent],
  );
  return partner;
}

async function statesOf(partner: string): Promise<Record<string, string>> {
  const { rows } = await db.pool.query<{ stream: string; state: string }>(
    'select stream, state from gate where partner = $1',
    [partner],
  );
  return Object.fromEntries(rows.map((row) => [row.stream, row.state]));
}

describe('a manual pause', () => {
  it('ends by itself, audited as paused and noted as resumed', async () => {
    const partner = await aPartner({ ordinary: 'open', urgent: 'open' });
    expect(await pauseGate(db.pool, partner, over)).toBe(true);
    expect(await statesOf(partner)).toEqual({ ordinary: 'paused', urgent: 'open' });
    expect(await endPauses(db.pool)).toContain(partner);
    expect(await statesOf(partner)).toEqual({ ordinary: 'open', urgent: 'open' });
    const { rows } = await db.pool.query('select stations from timeline where partner = $1 order by id', [
      partner,
    ]);
    expect(rows.map((row) => row.stations[0])).toEqual(['partner.paused', 'partner.resumed']);
  });

  it('opens no other gate of the partner when it ends', async () => {
    const partner = await aPartner({ ordinary: 'paused', urgent: 'closed' });
    await endPauses(db.pool);
    expect(await statesOf(partner)).toEqual({ ordinary: 'open', urgent: 'closed' });
  });

  it('cannot be laid over a closed gate, which its end would open', async () => {
    const partner = await aPartner({ ordinary: 'closed', urgent: 'closed' });
    expect(await pauseGate(db.pool, partner, over)).toBe(false);
    await endPauses(db.pool);
    expect(await statesOf(partner)).toEqual({ ordinary: 'closed', urgent: 'closed' });
  });
});
