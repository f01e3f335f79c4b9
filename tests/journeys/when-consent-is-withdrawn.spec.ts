import { expect, it } from '@jest/globals';
import { aRequest, aRiskAlert, aStepUpToNelft, aWithdrawal } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilInInbox, untilStates } from '../support/party.js';

await onBothWires('when consent is withdrawn while a message waits', {}, (hub) => {
  const nkm = () => hub.as('nkm');
  const seenByNelft = () => hub.arrivals('nelft').map(({ body }) => body);
  /** What the origin was told of its message. */
  const untilTold = (messageId: string, line: object) =>
    eventually(() => {
      const told = hub
        .arrivals('nkm')
        .map(({ body }) => JSON.parse(body) as { type: string; causationid?: string; data: object })
        .filter(({ type, causationid }) => type === 'mta.hub.receipt.v1' && causationid === messageId);
      expect(told.at(-1)).toMatchObject({ data: { messageId, complete: true, lines: [line] } });
    });

  it('withholds it, tells its origin, and lets the withdrawal itself through', async () => {
    await hub.simulator('nelft').set({ down: true });
    const { messageId, caseRef, deliveries } = await nkm().send(aStepUpToNelft());
    await untilStates(nkm(), messageId, { nelft: 'ready' });
    const withdrawal = await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    // Found by the next try, whether or not the partner is back.
    const withheld = await untilStates(nkm(), messageId, { nelft: 'withheld' });
    expect(withheld.deliveries).toMatchObject([{ code: 'consent/refused' }]);
    expect(stationsOf(withheld)).toContain('delivery.withheld');
    await untilTold(messageId, {
      deliveryId: deliveries[0]?.id,
      partner: 'nelft',
      state: 'withheld',
      reason: 'consent/refused',
    });
    await hub.simulator('nelft').set({ down: false });
    await untilStates(nkm(), withdrawal.messageId, { nelft: 'acknowledged' });
    expect(seenByNelft().some((body) => body.includes(messageId))).toBe(false);
    expect(seenByNelft().some((body) => body.includes(withdrawal.messageId))).toBe(true);
  });

  it('does not let a replay past it', async () => {
    await hub.simulator('nelft').set({ refuse: true });
    const { messageId, caseRef, deliveries } = await nkm().send(aStepUpToNelft());
    const deliveryId = deliveries[0]?.id ?? '';
    await untilStates(nkm(), messageId, { nelft: 'parked' });
    await hub.simulator('nelft').set({ refuse: false });
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));

    expect(await hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'try again')).toMatchObject({
      code: 0,
    });
    await untilStates(nkm(), messageId, { nelft: 'withheld' });
    await untilTold(messageId, { deliveryId, state: 'withheld' });
    expect(hub.arrivals('nelft').filter((one) => one.deliveryid === deliveryId)).toHaveLength(1);
  });

  it('takes back what lies unread in an inbox', async () => {
    const { messageId, caseRef } = await nkm().send(aRequest());
    const item = await untilInInbox(hub.as('ylf'), messageId);
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    expect((await hub.as('ylf').inbox()).map(({ deliveryId }) => deliveryId)).not.toContain(item.deliveryId);
    await untilStates(nkm(), messageId, { ylf: 'withheld' });
    const late = await hub.as('ylf').request('POST', `/v1/inbox/${item.deliveryId}/acknowledge`, {});
    expect(late.status).toBe(409);
  });

  it('waits for consent that nobody has recorded, and goes on when it is given', async () => {
    const unasked = aStepUpToNelft({ consent: 'not-asked' });
    const { messageId, caseRef } = await nkm().send(unasked);
    const blocked = await untilStates(nkm(), messageId, { nelft: 'blocked' });
    expect(blocked.deliveries).toMatchObject([{ code: 'consent/not-recorded' }]);
    await nkm().send(
      aWithdrawal({ caseref: caseRef ?? '', data: { status: 'given', instruction: 'share' } }),
    );
    await untilStates(nkm(), messageId, { nelft: 'acknowledged' });
  });

  it('never holds a risk alert', async () => {
    const { caseRef } = await nkm().send(aStepUpToNelft());
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    const alert = await hub.as('nelft').send(aRiskAlert({ from: 'nelft', caseref: caseRef ?? '' }));
    expect(alert.caseRef).toBe(caseRef);
    await untilStates(hub.as('nelft'), alert.messageId, { nkm: 'acknowledged' });
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
