import { expect, it } from '@jest/globals';
import { aStepDecision, aStepUp } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilInInbox, untilStates, untilStation } from '../support/party.js';

await onBothWires('when a small charity steps a young person up', {}, (hub) => {
  const ownerOf = async (caseRef: string | null) =>
    hub.as('ops').get<{ owner: string; ownerPartner: string }>(`/v1/cases/${caseRef}`);

  it('asks the service that it names, and the case changes hands on the decision and not before', async () => {
    const charity = hub.as('ylf');
    const stepUp = aStepUp();
    const { messageId, caseRef } = await charity.send(stepUp);
    await untilStates(charity, messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const [asked] = hub.arrivals('salus').filter(({ body }) => body.includes(messageId));
    const copy = JSON.parse(asked?.body ?? '') as Record<string, unknown>;
    expect(copy).toMatchObject({ id: messageId, deliveryid: asked?.deliveryid, data: stepUp.data });
    expect(copy).not.toHaveProperty('partnercaseref');
    expect(
      hub
        .simulator('nkm')
        .received()
        .map(({ id }) => id),
    ).toContain(messageId);
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'front-door', ownerPartner: 'nkm' });

    // Who only reads along cannot accept for the one who was asked.
    const readsAlong = await hub
      .as('nkm')
      .send(aStepDecision({ from: 'nkm', to: messageId, caseref: caseRef ?? '' }));
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'front-door' });
    expect(readsAlong.deliveries.map(({ partner }) => partner)).toEqual(['ylf']);

    const decision = await hub
      .as('salus')
      .send(aStepDecision({ from: 'salus', to: messageId, caseref: caseRef ?? '' }));
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'mentoring-intensive', ownerPartner: 'salus' });
    const entry = await untilStation(hub.as('ops'), decision.messageId, 'owner.changed');
    expect(entry.caseRef).toBe(caseRef);

    for (const answer of [readsAlong, decision]) {
      const item = await untilInInbox(charity, answer.messageId);
      expect(item.message).toMatchObject({ causationid: messageId, data: { decision: 'accepted' } });
      await charity.post(`/v1/inbox/${item.deliveryId}/acknowledge`, {});
    }
    await untilStation(charity, messageId, 'origin.informed');
    await untilStates(hub.as('salus'), decision.messageId, { nkm: 'acknowledged', ylf: 'acknowledged' });
  });

  it('leaves the case where it is when the service declines, and the front door hears the alternative', async () => {
    const { messageId, caseRef } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const declined = aStepDecision({
      from: 'salus',
      to: messageId,
      decision: 'declined',
      data: {
        reason: 'no-capacity',
        alternative: { kind: 'later', description: 'A place is free in spring.' },
      },
    });
    const { messageId: answerId } = await hub.as('salus').send(declined);
    await untilStates(hub.as('salus'), answerId, { nkm: 'acknowledged', ylf: 'handed-over' });
    const [told] = hub.arrivals('nkm').filter(({ body }) => body.includes(answerId));
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      data: { decision: 'declined', reason: 'no-capacity' },
    });
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'front-door', ownerPartner: 'nkm' });
  });

  it('lets the charity decide by its inbox, without a system of its own', async () => {
    const request = aStepUp({ from: 'salus', data: { to: 'mentoring-peer' } });
    const { messageId, caseRef } = await hub.as('salus').send(request);
    const asked = await untilInInbox(hub.as('ylf'), messageId);
    const { data } = aStepDecision({ from: 'ylf', to: messageId });
    const receipt = await hub
      .as('ylf')
      .post<{ messageId: string }>(`/v1/inbox/${asked.deliveryId}/decide`, data);
    const again = await hub
      .as('ylf')
      .post<{ messageId: string }>(`/v1/inbox/${asked.deliveryId}/decide`, data);
    expect(again).toEqual(receipt);
    // A business answer that names the message proves that it has arrived.
    await untilStates(hub.as('salus'), messageId, { nkm: 'acknowledged', ylf: 'acknowledged' });
    await untilStation(hub.as('salus'), messageId, 'origin.informed');
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'mentoring-peer', ownerPartner: 'ylf' });
  });

  it('keeps the case with its owner until the day that the acceptance names', async () => {
    const { messageId, caseRef } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    await hub.as('salus').send(
      aStepDecision({
        from: 'salus',
        to: messageId,
        decision: 'accepted-waiting',
        data: { ownerFrom: inAWeek, weeksToWait: 1 },
      }),
    );
    expect(await ownerOf(caseRef)).toMatchObject({ owner: 'front-door' });
    await hub.passTime('8 days');
    await eventually(async () =>
      expect(await ownerOf(caseRef)).toMatchObject({ owner: 'mentoring-intensive', ownerPartner: 'salus' }),
    );
  });
});
