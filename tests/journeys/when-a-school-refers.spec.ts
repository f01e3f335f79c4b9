import { expect, it } from '@jest/globals';
import { aReferral } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilStates, untilStation } from '../support/party.js';

await onBothWires('when a school refers a young person', {}, (hub) => {
  it('reaches the front door as a signed webhook, and its answer lies in the inbox until it is read', async () => {
    const referral = aReferral();
    const { messageId, caseRef } = await hub.as('referrers').send(referral);
    await untilStates(hub.as('referrers'), messageId, { nkm: 'acknowledged' });

    // The simulator answers 401 to a signature that is not its own, so arriving is the proof.
    const [arrival] = hub.arrivals('nkm').filter(({ body }) => body.includes(messageId));
    const copy = JSON.parse(arrival!.body) as Record<string, unknown>;
    expect(arrival!.headers['webhook-id']).toBe(arrival!.deliveryid);
    expect(arrival!.headers['webhook-signature']).toMatch(/^v1,/);
    expect(copy).toMatchObject({
      id: messageId,
      caseref: caseRef,
      type: 'mta.referral.submitted.v1',
      source: '/partners/referrers',
      data: referral.data,
    });
    // The sender's own words for message and child stay with the sender.
    expect(arrival!.body).not.toContain(referral.id);
    expect(arrival!.body).not.toContain(referral.partnercaseref);

    const outcomeId = await hub.simulator('nkm').send({
      specversion: '1.0',
      type: 'mta.triage.outcome.v1',
      causationid: messageId,
      caseref: caseRef!,
      data: {
        outcome: 'assessment',
        decidedAt: new Date().toISOString(),
        decidedBy: 'screening lead',
        class: 'routine',
        nextStep: 'An assessment is being arranged.',
        nextStepBy: '2027-01-15',
        explanation: 'We would like to meet.',
      },
    });
    const outcome = await eventually(async () => {
      const [item] = (await hub.as('referrers').inbox()).filter(
        (one) => one.message.causationid === messageId,
      );
      expect(item?.message.type).toBe('mta.triage.outcome.v1');
      return item!;
    });
    // Referrers have operations alone: what is said of the child beyond that does not leave.
    expect(outcome.message.data).toMatchObject({ outcome: 'assessment' });
    expect(outcome.message.partnercaseref).toBe(referral.partnercaseref);
    expect(outcome.message.id).not.toBe(outcomeId);
    expect(stationsOf(await hub.as('referrers').follow(messageId))).not.toContain('origin.informed');

    await hub.as('referrers').post(`/v1/inbox/${outcome.deliveryId}/acknowledge`, {});
    await untilStation(hub.as('referrers'), messageId, 'origin.informed');
    expect((await hub.as('referrers').inbox()).map((one) => one.deliveryId)).not.toContain(
      outcome.deliveryId,
    );
  });
});
