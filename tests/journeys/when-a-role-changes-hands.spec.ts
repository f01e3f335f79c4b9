import { expect, it } from '@jest/globals';
import { aStepDecision, aStepUp, aStepUpToNelft } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires, type AllianceFiles } from '../support/hub-under-test.js';
import { stationsOf, untilStates, untilStation, type Followed } from '../support/party.js';

interface Letter {
  deliveryId: string;
  messageId: string;
  partner: string;
  state: string;
  code: string;
  actions: string[];
}

const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);

/** The entry that the configuration keeps ready, turned on for tomorrow, with an agreement. */
function turnOn({ roles, agreements }: AllianceFiles): void {
  const successor = roles.find(({ role, partner }) => role === 'specialist-community' && partner === 'kmpt');
  expect(successor).toMatchObject({ enabled: false, takesOver: true });
  Object.assign(successor ?? {}, { enabled: true, from: tomorrow });
  agreements.push({
    id: 'kmpt-2026',
    partner: 'kmpt',
    purposes: ['operations', 'direct-care', 'coordination', 'safety'],
    sensitivity: 'S4',
    from: '2026-04-01',
  });
}

await onBothWires('when KMPT takes over from NELFT', { configure: turnOn }, (hub) => {
  const nkm = () => hub.as('nkm');
  const letters = async (): Promise<Letter[]> =>
    (await hub.as('ops').get<{ deadLetters: Letter[] }>('/v1/dead-letters')).deadLetters;
  const letterOf = async (messageId: string, partner: string): Promise<Letter> => {
    const found = (await letters()).find((one) => one.messageId === messageId && one.partner === partner);
    if (!found) throw new Error(`Nothing of ${messageId} to ${partner} needs a person.`);
    return found;
  };
  const redirect = (deliveryId: string, body: object = { reason: 'KMPT is the provider now' }) =>
    hub.as('ops').request('POST', `/v1/dead-letters/${deliveryId}/redirect`, body);

  it('gives a parked copy to another role, once, and to nobody who may not have it', async () => {
    await hub.simulator('salus').set({ refuse: true });
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { salus: 'parked', nkm: 'acknowledged' });
    await hub.simulator('salus').set({ refuse: false });
    const { deliveryId, actions } = await letterOf(messageId, 'salus');
    expect(actions).toContain('redirect');
    const refused = async (to?: string): Promise<unknown> => {
      const { status, json } = await redirect(deliveryId, { reason: 'try', ...(to !== undefined && { to }) });
      expect(status).toBe(409);
      return (json as { detail: string }).detail;
    };
    expect(await refused()).toMatch(/Replay it/);
    expect(await refused('front-door')).toMatch(/has a copy/);
    expect(await refused('mentoring-peer')).toMatch(/who sent it/);
    expect(await refused('kite-flying')).toMatch(/Nobody fills/);
    expect(await refused('digital-counselling')).toMatch(/does not read/);
    const done = await hub.cli(
      ...['dead-letters', 'redirect', deliveryId],
      ...['--to', 'specialist-community', '--reason', 'more than mentoring'],
    );
    expect(done).toMatchObject({ code: 0 });
    const after = await untilStates(hub.as('ylf'), messageId, {
      salus: 'superseded',
      nkm: 'acknowledged',
      nelft: 'acknowledged',
    });
    expect(stationsOf(after)).toContain('delivery.redirected');
    expect((await redirect(deliveryId)).status).toBe(404);
  });

  it('lists what waits for NELFT when the day has come, and redirects it to KMPT, who decides', async () => {
    await hub.simulator('nelft').set({ down: true });
    const first = await nkm().send(aStepUpToNelft());
    const behind = await nkm().send(aStepUpToNelft({ caseref: first.caseRef ?? '' }));
    await untilStates(nkm(), behind.messageId, { nelft: 'queued' });
    expect((await letters()).filter(({ messageId }) => messageId === behind.messageId)).toEqual([]);

    await hub.passTime('1 day');
    expect(await letterOf(behind.messageId, 'nelft')).toMatchObject({
      state: 'queued',
      code: 'routing/role-moved',
      actions: ['redirect'],
    });
    // While an attempt is under way it may arrive, so it cannot be moved that moment.
    for (const { messageId } of [first, behind])
      await eventually(async () => {
        const { deliveryId } = await letterOf(messageId, 'nelft');
        expect((await redirect(deliveryId)).status).toBe(200);
      });
    for (const { messageId } of [first, behind])
      await untilStates(nkm(), messageId, {
        nelft: 'superseded',
        kmpt: messageId === first.messageId ? 'handed-over' : 'queued',
      });
    const [asked] = await eventually(async () => {
      const items = await hub.as('kmpt').inbox();
      expect(items).toHaveLength(1);
      return items;
    });
    expect(asked?.message.data).toMatchObject({ to: 'specialist-community' });

    const answer = aStepDecision({ from: 'kmpt', to: first.messageId, caseref: first.caseRef ?? '' });
    await hub.as('kmpt').send(answer);
    await untilStation(nkm(), first.messageId, 'origin.informed');
    const owner = await hub
      .as('ops')
      .get<{ owner: string; ownerPartner: string }>(`/v1/cases/${first.caseRef}`);
    expect(owner).toMatchObject({ owner: 'specialist-community', ownerPartner: 'kmpt' });

    // What is sent from now on goes to KMPT by itself.
    const later: Followed = await nkm().follow((await nkm().send(aStepUpToNelft())).messageId);
    expect(later.deliveries.map(({ partner }) => partner)).toEqual(['kmpt']);
    expect((await hub.cli('check')).code).toBe(0);
  });
});
