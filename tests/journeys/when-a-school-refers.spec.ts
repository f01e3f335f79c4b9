import { expect, it } from '@jest/globals';
import { aReferral } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilInInbox, untilStates, untilStation } from '../support/party.js';

await onBothWires('when a school refers a young person', {}, (hub) => {
  it('reaches the front door as a signed webhook, and its answer lies in the inbox until it is read', async () => {
    const school = hub.as('referrers');
    const referral = aReferral();
    const { messageId, caseRef } = await school.send(referral);
    await untilStates(school, messageId, { nkm: 'acknowledged' });

    // The simulator answers 401 to a signature that is not its own, so arriving is the proof.
    const [arrival] = hub.arrivals('nkm').filter(({ body }) => body.includes(messageId));
    expect(arrival?.headers).toMatchObject({
      'webhook-id': arrival?.deliveryid,
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
    expect(JSON.parse(arrival?.body ?? '')).toMatchObject({
      id: messageId,
      caseref: caseRef,
      type: 'mta.referral.submitted.v1',
      source: '/partners/referrers',
      data: referral.data,
    });
    // The sender's own names for message and child stay between the sender and us.
    expect(arrival?.body).not.toContain(referral.id);
    expect(arrival?.body).not.toContain(referral.partnercaseref);

    await hub.simulator('nkm').send(triageOf(messageId, caseRef ?? ''));
    const outcome = await untilInInbox(school, messageId);
    expect(outcome.message).toMatchObject({
      type: 'mta.triage.outcome.v1',
      caseref: caseRef,
      partnercaseref: referral.partnercaseref,
      data: { outcome: 'assessment', class: 'routine' },
    });
    // The referrers' agreement covers how the work goes on, and nothing clinical.
    expect(outcome.message.data).not.toHaveProperty('explanation');
    expect(stationsOf(await school.follow(messageId))).not.toContain('origin.informed');

    await school.post(`/v1/inbox/${outcome.deliveryId}/acknowledge`, {});
    await untilStation(school, messageId, 'origin.informed');
    expect(await school.inbox()).toEqual([]);
  });
});

function triageOf(messageId: string, caseref: string) {
  return {
    specversion: '1.0' as const,
    type: 'mta.triage.outcome.v1',
    causationid: messageId,
    caseref,
    data: {
      outcome: 'assessment',
      decidedAt: new Date().toISOString(),
      decidedBy: 'screening lead',
      class: 'routine',
      nextStep: 'An assessment is being arranged.',
      nextStepBy: '2027-01-15',
      explanation: 'We would like to meet and find out together what helps.',
    },
  };
}
