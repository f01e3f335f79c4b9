import { expect, it } from '@jest/globals';
import { aMeasure } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilStates, untilStation } from '../support/party.js';

await onBothWires('when Salus publishes an outcome', {}, (hub) => {
  const receiptFor = (messageId: string) =>
    hub
      .arrivals('salus')
      .map(({ body }) => JSON.parse(body) as { type: string; causationid: string; data: object })
      .filter(({ causationid }) => causationid === messageId);

  it('reaches the lead provider, and a hub.receipt tells Salus how its copy ended', async () => {
    const measure = aMeasure();
    const receipt = await hub.as('salus').send(measure);
    const { messageId } = receipt;
    const informed = await untilStation(hub.as('salus'), messageId, 'origin.informed');
    expect(informed.deliveries).toMatchObject([{ partner: 'nkm', state: 'acknowledged', attempts: 1 }]);
    expect(stationsOf(informed).filter((station) => station !== 'clock.started')).toEqual([
      'hub.received',
      'hub.accepted',
      'hub.routed',
      'wire.claimed',
      'wire.sent',
      'partner.received',
      'origin.informed',
    ]);
    const [arrival] = hub.arrivals('nkm').filter(({ body }) => body.includes(messageId));
    expect(JSON.parse(arrival?.body ?? '')).toMatchObject({ data: measure.data });
    expect(receiptFor(messageId)).toMatchObject([
      {
        type: 'mta.hub.receipt.v1',
        data: {
          messageId,
          complete: true,
          lines: [{ deliveryId: receipt.deliveries[0]?.id, partner: 'nkm', state: 'acknowledged' }],
        },
      },
    ]);
  });

  it('takes the same message again with the same Receipt, and sends nothing twice', async () => {
    const measure = aMeasure();
    const first = await hub.as('salus').submit(JSON.stringify(measure));
    const again = await hub.as('salus').submit(JSON.stringify({ ...measure, time: '2026-11-20T08:00:00Z' }));
    expect(again.status).toBe(202);
    expect(again.text).toBe(first.text);
    const { messageId } = first.json as { messageId: string };
    await untilStation(hub.as('salus'), messageId, 'origin.informed');
    expect(
      hub
        .simulator('nkm')
        .received()
        .filter(({ id }) => id === messageId),
    ).toMatchObject([{ count: 1 }]);
  });

  it('is processed once by a partner that knows a repeat, though the first answer was lost', async () => {
    await hub.simulator('nkm').set({ dropAnswerAfterProcessing: true });
    const { messageId } = await hub.as('salus').send(aMeasure());
    await untilStation(hub.as('salus'), messageId, 'delivery.retrying');
    await hub.simulator('nkm').set({ dropAnswerAfterProcessing: false });
    await untilStates(hub.as('salus'), messageId, { nkm: 'acknowledged' });
    const [received] = hub
      .simulator('nkm')
      .received()
      .filter(({ id }) => id === messageId);
    expect(received).toMatchObject({ processed: 1 });
    expect(received?.count).toBeGreaterThan(1);
  });
});
