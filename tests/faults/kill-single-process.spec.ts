import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import {
  acknowledgedButNotReceived,
  brokenReceipts,
  checkFinds,
  countStates,
  everythingAtRest,
  tellFigures,
  unmarkedRepeats,
} from './support/accounts.js';
import { allianceForFaults, type AllianceForFaults } from './support/alliance-for-faults.js';
import type { Child } from './support/child.js';
import { abandonLoads, startLoad } from './support/load.js';
import { answerSlowly, closePartners, startPartners, type Partners } from './support/partners.js';
import { singleProcess } from './support/processes.js';
import { moments, numberFrom } from './support/random.js';

const KILLS = numberFrom('FAULT_KILLS', 6);

describe('the single process, killed again and again under load', () => {
  let database: FreshDatabase;
  let partners: Partners;
  let alliance: AllianceForFaults;
  let hub: Child | undefined;

  beforeAll(async () => {
    database = await freshDatabase();
    partners = await startPartners();
    alliance = await allianceForFaults({ nkm: partners.nkm.url, salus: partners.salus.url }, 1);
  });

  afterAll(async () => {
    await abandonLoads();
    await hub?.kill();
    await closePartners(partners);
    alliance.remove();
    await database.drop();
  }, 60_000);

  const start = (): Child => singleProcess(alliance, database.url);

  it('keeps every Receipt, doubles nothing, and says of every copy where it is', async () => {
    const random = moments('kill-single-process');
    const begun = Date.now();
    answerSlowly(partners, random);
    hub = start();
    await hub.ready;
    const load = startLoad(alliance, random, 20);
    for (let kill = 0; kill < KILLS; kill += 1) {
      // One time in four it does not even get as far as being ready.
      if (random.next() < 0.75) await hub.ready;
      await random.passes(100, 1_800);
      await hub.kill();
      hub = start();
    }
    await hub.ready;
    await load.stop();
    const copies = await eventually(() => everythingAtRest(database.pool), { within: 90_000 });

    tellFigures('kill-single-process', {
      receipts: load.kept.length,
      ambiguous: load.ambiguous(),
      ...countStates(copies),
      kills: KILLS,
      seconds: (Date.now() - begun) / 1_000,
    });
    expect(load.kept.length).toBeGreaterThan(KILLS);
    expect(load.refused).toEqual([]);
    expect(await brokenReceipts(database.pool, load.kept)).toEqual([]);
    expect(partners.salus.doubles()).toBe(0);
    expect(acknowledgedButNotReceived(copies, { ...partners })).toEqual([]);
    expect(unmarkedRepeats(partners.nkm)).toEqual([]);
    expect(
      copies.filter(({ type, state }) => type.startsWith('mta.risk.') && state !== 'acknowledged'),
    ).toEqual([]);
    expect(await checkFinds(alliance)).toEqual([]);
  }, 600_000);
});
