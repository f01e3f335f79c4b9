import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '../../../../tests/support/database.js';
import { aRow, opening } from '../../../../tests/support/rows.js';
import { acceptMessages, CASE_RACED } from './accept-messages.js';
import { migrate } from './migrate.js';
import { readContexts, type IntakeContext } from './read-context.js';
import { moveOwners } from './sweeps.js';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const aCaseRef = (): string => `C-${randomUUID()}`;
const taken = { owner: 'kent-front-door', ownerPartner: 'salus-kent', dueAt: new Date().toISOString() };

async function areaOf(caseRef: string): Promise<string | undefined> {
  const { rows } = await db.pool.query('select area from cases where case_ref = $1', [caseRef]);
  return rows[0]?.area;
}

async function contextOf(query: Record<string, string | object>): Promise<IntakeContext | undefined> {
  const nothing = { caseRef: null, partnerCaseRef: null, causationId: null, recalls: null };
  const about = { source: '/partners/ylf', externalId: randomUUID(), sender: 'ylf', ...nothing, ...query };
  return (await readContexts(db.pool, [about]))[0];
}

it('keeps the area that a case was opened with, and reads it by every way to the case', async () => {
  const caseRef = aCaseRef();
  const partnerCaseRef = `P-${randomUUID()}`;
  const row = aRow({ caseRef, opens: { ...opening, area: 'kent' }, partnerCaseRef });
  await acceptMessages(db.pool, [row]);
  const found = await contextOf({
    caseRef,
    partnerCaseRef,
    causationId: row.messageId,
    recalls: { messageId: row.messageId, partners: null },
  });
  const places = [found?.case, found?.partnerCase, found?.cause?.case, found?.recalled?.case];
  expect(places.map((place) => place?.area)).toEqual(['kent', 'kent', 'kent', 'kent']);
});

it('moves the area with the owner, at once or on the day, and leaves it with an owner of both areas', async () => {
  const caseRef = aCaseRef();
  await acceptMessages(db.pool, [aRow({ caseRef, opens: opening })]);
  const owned = async (owner: object, area: 'kent' | 'medway' | null, from: string | null) => {
    await acceptMessages(db.pool, [aRow({ caseRef, owner: { ...taken, ...owner, area, from } })]);
    return areaOf(caseRef);
  };
  expect(await owned({}, 'kent', null)).toBe('kent');
  expect(await owned({ owner: 'specialist-community', ownerPartner: 'nelft' }, null, null)).toBe('kent');
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  expect(await owned({ owner: 'front-door', ownerPartner: 'nkm' }, 'medway', yesterday)).toBe('kent');
  await moveOwners(db.pool);
  expect(await areaOf(caseRef)).toBe('medway');
});

it('takes nothing that was routed for the area which the case has left meanwhile', async () => {
  const caseRef = aCaseRef();
  const of = (area: string) => ({ caseRef, facts: { area } });
  await acceptMessages(db.pool, [aRow({ ...of('medway'), opens: opening })]);
  const taking = { ...taken, area: 'kent' as const, from: null };
  await acceptMessages(db.pool, [aRow({ ...of('medway'), owner: taking })]);
  const late = aRow(of('medway'));
  await expect(acceptMessages(db.pool, [late])).rejects.toMatchObject({ code: CASE_RACED });
  const again = await acceptMessages(db.pool, [{ ...late, ...of('kent') }]);
  expect(again.fresh.size).toBe(1);
});

it('gives the cases of an older ledger the area of who owns or opened them', async () => {
  const opened = (area: 'kent' | 'medway', type = 'risk.alert', by = {}) =>
    aRow({ caseRef: aCaseRef(), opens: { ...opening, ...by, area }, facts: { area, type } });
  const rows = {
    medways: opened('medway'),
    openedByKent: opened('kent'),
    referredByKent: opened('kent', 'referral.submitted'),
    takenByKent: opened('medway', 'risk.alert', taken),
  };
  await acceptMessages(db.pool, Object.values(rows));
  const olderSql = `
    alter table cases drop column area, drop column next_area;
    drop function if exists read_contexts(text[], text[], text[], text[], text[], uuid[], uuid[], text[]);
    create function read_contexts(text[], text[], text[], text[], text[], uuid[], uuid[], text[])
      returns table (now timestamptz) language sql as 'select ledger_now()';
    delete from migration where name = 'CaseArea1763769600008'`;
  await db.pool.query(olderSql);
  await migrate(db.url);
  const areas = await Promise.all(Object.values(rows).map(({ caseRef }) => areaOf(caseRef ?? '')));
  expect(areas).toEqual(['medway', 'kent', 'medway', 'kent']);
  expect((await contextOf({ caseRef: rows.takenByKent.caseRef ?? '' }))?.case?.area).toBe('kent');
});
