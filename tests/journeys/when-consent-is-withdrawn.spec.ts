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

  it('lets an attempt that had begun end, records what it carried, and tells whoever has it', async () => {
    await hub.simulator('nelft').set({ slowMs: 2_000 });
    const { messageId, caseRef } = await nkm().send(aStepUpToNelft());
    await untilStates(nkm(), messageId, { nelft: 'claimed' });
    const withdrawal = await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    await hub.simulator('nelft').set({ slowMs: 0 });
    await untilStates(nkm(), messageId, { nelft: 'acknowledged' });
    await untilStates(nkm(), withdrawal.messageId, { nelft: 'acknowledged' });
    const { disclosures } = await hub
      .as('ops')
      .get<{ disclosures: { messageId: string; arrived: string; fields: string[] }[] }>(
        `/v1/cases/${caseRef}/disclosures`,
      );
    const told = disclosures.filter((one) => one.messageId === messageId);
    expect(told).toMatchObject([{ partner: 'nelft', arrived: 'yes', state: 'acknowledged' }]);
    expect(told[0]?.fields).toContain('/data/person/nhsNumber');
  });

  it('ends what is parked and what is queued behind it, and no replay brings it back', async () => {
    await hub.simulator('nelft').set({ refuse: true });
    const { messageId, caseRef, deliveries } = await nkm().send(aStepUpToNelft());
    const deliveryId = deliveries[0]?.id ?? '';
    await untilStates(nkm(), messageId, { nelft: 'parked' });
    const behind = await nkm().send(aStepUpToNelft({ caseref: caseRef ?? '' }));
    await untilStates(nkm(), behind.messageId, { nelft: 'queued' });
    await hub.simulator('nelft').set({ refuse: false });
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));

    await untilStates(nkm(), messageId, { nelft: 'withheld' });
    await untilStates(nkm(), behind.messageId, { nelft: 'withheld' });
    await untilTold(messageId, { deliveryId, state: 'withheld', reason: 'consent/refused' });
    const replay = await hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'try again');
    expect(replay.code).not.toBe(0);
    expect(hub.arrivals('nelft').filter((one) => one.deliveryid === deliveryId)).toHaveLength(1);
  });

  it('takes back what lies unread in an inbox', async () => {
    const { messageId, caseRef } = await nkm().send(aRequest());
    const item = await untilInInbox(hub.as('ylf'), messageId);
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    // Nobody looks into the inbox meanwhile.
    await untilStates(nkm(), messageId, { ylf: 'withheld' });
    expect((await hub.as('ylf').inbox()).map(({ deliveryId }) => deliveryId)).not.toContain(item.deliveryId);
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

  it('ends what waited for consent when it is refused', async () => {
    const { messageId, caseRef } = await nkm().send(aStepUpToNelft({ consent: 'not-asked' }));
    const [delivery] = (await untilStates(nkm(), messageId, { nelft: 'blocked' })).deliveries;
    const refusal = { status: 'refused', instruction: 'stop-sharing' };
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '', data: refusal }));
    await untilStates(nkm(), messageId, { nelft: 'withheld' });
    await untilTold(messageId, { deliveryId: delivery?.deliveryId, reason: 'consent/refused' });
  });

  it('takes a copy out of an inbox while consent has expired, and puts it back when it is given again', async () => {
    const { messageId, caseRef } = await nkm().send(aRequest());
    await untilInInbox(hub.as('ylf'), messageId);
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '', data: { status: 'expired' } }));
    await untilStates(nkm(), messageId, { ylf: 'blocked' });
    await nkm().send(
      aWithdrawal({ caseref: caseRef ?? '', data: { status: 'given', instruction: 'share' } }),
    );
    await untilInInbox(hub.as('ylf'), messageId);
  });

  it('asks again where it is limited to others', async () => {
    const { messageId, caseRef } = await nkm().send(aRequest());
    await untilInInbox(hub.as('ylf'), messageId);
    const salusAlone = [{ party: 'salus', dataClass: '*', purpose: '*' }];
    const limited = { status: 'limited', instruction: 'restrict', scope: salusAlone };
    await nkm().send(aWithdrawal({ caseref: caseRef ?? '', data: limited }));
    await untilStates(nkm(), messageId, { ylf: 'blocked' });
  });

  it('is told to a partner whose only copy never left', async () => {
    const { messageId, caseRef } = await nkm().send(aStepUpToNelft({ consent: 'not-asked' }));
    await untilStates(nkm(), messageId, { nelft: 'blocked' });
    const withdrawal = await nkm().send(aWithdrawal({ caseref: caseRef ?? '' }));
    await untilStates(nkm(), withdrawal.messageId, { nelft: 'acknowledged' });
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
