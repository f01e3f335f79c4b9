import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { aRecall, aRequest, aStepUp, aStepUpToNelft } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilInInbox, untilStates, untilStation } from '../support/party.js';

await onBothWires('when a message is recalled', {}, (hub) => {
  it('tells whoever has it, stops what has not left, and stands on its timeline', async () => {
    // Nothing is even begun at a gate that is paused, so that it is certain that Salus never had it.
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await hub.as('ops').post('/v1/partners/salus/pause', { reason: 'a test', owner: 'ops', until });
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'ready' });
    const taken = await hub.as('ylf').send(aRecall('ylf', messageId));
    const after = await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'withheld' });
    expect(after.deliveries.find(({ partner }) => partner === 'salus')).toMatchObject({
      code: 'consent/recalled',
    });
    expect(stationsOf(after)).toContain('message.recalled');
    await untilStates(hub.as('ylf'), taken.messageId, { nkm: 'acknowledged' });
    await hub.as('ops').post('/v1/partners/salus/resume', {});
    expect(taken.caseRef).toBe(after.caseRef);
    const seen = hub
      .arrivals('nkm')
      .map(({ body }) => JSON.parse(body) as { type: string; data: { messageId?: string } });
    expect(
      seen.filter(({ type, data }) => type === 'mta.message.recalled.v1' && data.messageId === messageId),
    ).toHaveLength(1);
    expect(hub.arrivals('salus').some(({ body }) => body.includes(messageId))).toBe(false);
  });

  it('takes it out of an inbox where nobody has acknowledged it, and tells the partner, who may have read it', async () => {
    const { messageId } = await hub.as('nkm').send(aRequest());
    const item = await untilInInbox(hub.as('ylf'), messageId);
    const taken = await hub.as('nkm').send(aRecall('nkm', messageId));
    await untilStates(hub.as('nkm'), messageId, { ylf: 'withheld' });
    const told = await untilInInbox(hub.as('ylf'), taken.messageId);
    expect(told.message.data).toMatchObject({ messageId, instruction: 'delete' });
    expect((await hub.as('ylf').inbox()).map(({ deliveryId }) => deliveryId)).not.toContain(item.deliveryId);
  });

  it('is taken back from one role alone where it names one', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const taken = await hub.as('ylf').send(aRecall('ylf', messageId, { reachedRole: 'mentoring-intensive' }));
    expect(taken.deliveries.map(({ partner }) => partner)).toEqual(['salus']);
  });

  it('is for its sender and the front door, and looks like nothing to others', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStation(hub.as('ylf'), messageId, 'partner.received');
    const others = await hub.as('salus').submit(JSON.stringify(aRecall('salus', messageId)));
    const nobodys = await hub.as('salus').submit(JSON.stringify(aRecall('salus', randomUUID())));
    expect(others).toMatchObject({ status: 422, json: { code: 'routing/nothing-to-recall' } });
    expect(others.json).toMatchObject({ ...(nobodys.json as object), instance: expect.anything() });
    const role = await hub
      .as('ylf')
      .submit(JSON.stringify(aRecall('ylf', messageId, { reachedRole: 'bereavement' })));
    expect(role.status).toBe(422);
    await hub.as('nkm').send(aRecall('nkm', messageId));
  });

  it('is not stopped itself by another recall: whoever has the message must hear', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    await hub.simulator('salus').set({ down: true });
    const taken = await hub.as('ylf').send(aRecall('ylf', messageId));
    await hub.as('ylf').send(aRecall('ylf', taken.messageId));
    await hub.simulator('salus').set({ down: false });
    await untilStates(hub.as('ylf'), taken.messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
  });

  it('ends what is parked', async () => {
    await hub.simulator('nelft').set({ refuse: true });
    const { messageId } = await hub.as('nkm').send(aStepUpToNelft());
    await untilStates(hub.as('nkm'), messageId, { nelft: 'parked' });
    await hub.simulator('nelft').set({ refuse: false });
    await hub.as('nkm').send(aRecall('nkm', messageId));
    await untilStates(hub.as('nkm'), messageId, { nelft: 'withheld' });
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
