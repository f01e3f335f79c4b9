import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';

jest.setTimeout(60_000);

const HEAD = 'reference,from,until,age_band,gender_band,theme,users,sessions,suppressed';
const aMonth = (figures: string): string => `${randomUUID()},2026-10-01,2026-10-31,${figures}`;

describe('when digital use is reported', () => {
  const hub = {} as HubUnderTest;
  beforeAll(async () => {
    Object.assign(hub, await startHubUnderTest({ wire: 'local' }));
  });
  afterAll(() => hub.stop?.());

  const figuresAtTheFrontDoor = (): Record<string, unknown>[] =>
    hub
      .arrivals('nkm')
      .map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> })
      .filter(({ type }) => type === 'mta.digital.engagement.v1')
      .map(({ data }) => data);

  it('Kooth leaves its month as a CSV on its own SFTP server, and the front door has each figure', async () => {
    const file = [HEAD, aMonth('14-16,all,anxiety,42,97,no'), aMonth('10-13,all,anxiety,,,yes')].join('\n');
    await hub.simulator('kooth').sendRows('october.csv', `${file}\n`);
    await eventually(() => {
      expect(figuresAtTheFrontDoor()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            kind: 'aggregate',
            period: { from: '2026-10-01', until: '2026-10-31' },
            aggregate: expect.objectContaining({ ageBand: '14-16', users: 42, sessions: 97 }),
          }),
          expect.objectContaining({
            aggregate: expect.objectContaining({ ageBand: '10-13', suppressed: true }),
          }),
        ]),
      );
    });
  });

  it('BFB Labs brings its week as lines of one file, and the same file again changes nothing', async () => {
    const lines = ['BFB-1', 'BFB-2'].map((partnercaseref) =>
      JSON.stringify({
        specversion: '1.0',
        id: randomUUID(),
        source: '/partners/bfb-labs',
        type: 'mta.digital.engagement.v1',
        partnercaseref,
        sharingbasis: 'care-sharing-agreement',
        data: {
          kind: 'person',
          period: { from: '2026-11-09', until: '2026-11-15' },
          person: { activated: 'yes', sessions: 3, level: partnercaseref },
        },
      }),
    );
    const week = `${lines.join('\n')}\n`;
    const arrived = (): number => figuresAtTheFrontDoor().filter(({ person }) => person !== undefined).length;
    await hub.simulator('bfb-labs').sendRows('week.ndjson', week);
    await eventually(() => expect(arrived()).toBe(2));
    await hub.simulator('bfb-labs').sendRows('week.ndjson', week);
    const { rows } = await hub.db.query("select 1 from message where source = '/partners/bfb-labs'");
    expect(rows).toHaveLength(2);
  });
});
