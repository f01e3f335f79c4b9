import { expect, it } from '@jest/globals';
import type { Disclosure } from '../../apps/hub/src/store/read-disclosures.js';
import { aSafeguardingReferral, aStepUp } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires, type AllianceFiles } from '../support/hub-under-test.js';
import { untilInInbox, untilStates, untilStation } from '../support/party.js';

const day = (from: number): string => new Date(Date.now() + from * 24 * 3_600_000).toISOString().slice(0, 10);

/** One gateway whose agreement is still to begin, one whose agreement was ended. */
function agree({ agreements }: AllianceFiles): void {
  const may = { purposes: ['operations', 'direct-care', 'coordination'], sensitivity: 'S3' as const };
  agreements.push(
    { id: 'mhst-to-come', partner: 'mhst', from: day(2), ...may },
    { id: 'kmpt-ended', partner: 'kmpt', from: day(-60), ended: day(-30), ...may },
  );
}

await onBothWires('when a gateway has no agreement', { configure: agree }, (hub) => {
  const nkm = () => hub.as('nkm');

  it('keeps what it may not have yet, tells the front door, and lets it go on the day', async () => {
    const { messageId } = await nkm().send(aStepUp({ from: 'nkm', data: { to: 'school-support' } }));
    const waiting = await untilStates(nkm(), messageId, { mhst: 'blocked' });
    expect(waiting.deliveries).toMatchObject([{ code: 'consent/agreement-pending' }]);
    expect(await hub.as('mhst').inbox()).toEqual([]);
    const { rows } = await hub.db.query(
      `select d.owner, d.due_at > ledger_now() as "inTime", a.kind, a.owner as told
       from delivery d join alert a on a.delivery_id = d.delivery_id where d.message_id = $1`,
      [messageId],
    );
    expect(rows).toEqual([
      { owner: 'front-door', inTime: true, kind: 'delivery.blocked', told: 'front-door' },
    ]);

    await hub.passTime('2 days');
    const { message } = await untilInInbox(hub.as('mhst'), messageId);
    expect(message.data).toMatchObject({ to: 'school-support' });
    await untilStates(nkm(), messageId, { mhst: 'handed-over' });
  });

  it('gives nothing where the agreement was ended, and tells who sent it', async () => {
    const { messageId } = await nkm().send(aStepUp({ from: 'nkm', data: { to: 'adult-specialist' } }));
    const ended = await untilStation(nkm(), messageId, 'origin.informed');
    expect(ended.deliveries).toMatchObject([
      { partner: 'kmpt', state: 'withheld', code: 'consent/agreement-ended' },
    ]);
    expect(await hub.as('kmpt').inbox()).toEqual([]);
    await eventually(() => {
      const told = hub.arrivals('nkm').map(({ body }) => JSON.parse(body) as Record<string, unknown>);
      expect(told).toContainEqual(
        expect.objectContaining({ type: 'mta.hub.receipt.v1', causationid: messageId }),
      );
    });
  });

  it('brings the safeguarding front door what keeps a child safe, agreement or not, and no more', async () => {
    const { about } = aSafeguardingReferral().data as { about: { person: object } };
    const known = { ...about, person: { ...about.person, sex: 'female' } };
    const concern = aSafeguardingReferral({ data: { about: known } });
    const { messageId, caseRef } = await hub.as('salus').send(concern);
    const { message } = await untilInInbox(hub.as('safeguarding'), messageId);
    expect(message.data).toEqual({ ...concern.data, about });
    const { disclosures } = await hub
      .as('ops')
      .get<{ disclosures: Disclosure[] }>(`/v1/cases/${caseRef}/disclosures`);
    const copy = disclosures.find(({ partner }) => partner === 'safeguarding');
    expect(copy).toMatchObject({
      basis: { basis: 'safety', note: 'safety-minimum' },
      purposes: ['safety'],
      leftOut: [{ pointer: '/data/about/person/sex', why: 'purpose' }],
    });
    expect(copy?.basis).not.toHaveProperty('agreement');
  });
});
