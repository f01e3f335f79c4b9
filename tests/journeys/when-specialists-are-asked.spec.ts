import { expect, it } from '@jest/globals';
import type { Bundle, MessageHeader, Patient } from 'fhir/r4.js';
import { aStepDecision, aStepDown, aStepUpToNelft } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates, untilStation, type Followed } from '../support/party.js';

await onBothWires('when the front door asks the specialists', {}, (hub) => {
  const ownerOf = async (caseRef: string) =>
    hub.as('ops').get<{ owner: string; ownerPartner: string }>(`/v1/cases/${caseRef}`);
  /** What NELFT sent under an id of its own. */
  const sentByNelft = (id: string) =>
    hub.as('nelft').get<Followed>(`/v1/messages?source=/partners/nelft&id=${id}`);
  const atNkm = (messageId: string) =>
    eventually(() => {
      const arrival = hub.arrivals('nkm').find(({ body }) => body.includes(`"id":"${messageId}"`));
      expect(arrival).toBeDefined();
      return JSON.parse(arrival?.body ?? '') as Record<string, unknown>;
    });

  it('speaks FHIR to them both ways, and JSON with the front door', async () => {
    const stepUp = aStepUpToNelft();
    const { messageId, caseRef } = await hub.as('nkm').send(stepUp);
    await untilStates(hub.as('nkm'), messageId, { nelft: 'acknowledged' });
    const [asked] = hub.arrivals('nelft');
    expect(asked?.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/fhir\+json/),
      'x-request-id': asked?.deliveryid,
    });
    const bundle = JSON.parse(asked?.body ?? '') as Bundle;
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'message' });
    const header = bundle.entry?.[0]?.resource as MessageHeader;
    expect(header.resourceType).toBe('MessageHeader');
    const patient = bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')
      ?.resource as Patient;
    expect(patient.name?.[0]?.text).toBe('Ashley Sample');
    expect(patient.identifier?.[0]?.value).toBe('9990000026');
    expect(asked?.body).not.toContain(stepUp.partnercaseref);

    // NELFT decides later, as a bundle at our own $process-message.
    expect(await ownerOf(caseRef ?? '')).toMatchObject({ owner: 'front-door' });
    const decision = aStepDecision({ from: 'nelft', to: messageId, caseref: caseRef ?? '' });
    await hub.simulator('nelft').send(decision);
    await untilStation(hub.as('nkm'), messageId, 'origin.informed');
    const decided = await sentByNelft(decision.id);
    expect(await atNkm(decided.messageId)).toMatchObject({
      type: 'mta.step.decision.v1',
      causationid: messageId,
      data: { decision: 'accepted' },
    });
    expect(await ownerOf(caseRef ?? '')).toMatchObject({
      owner: 'specialist-community',
      ownerPartner: 'nelft',
    });

    const stepDown = aStepDown({ caseref: caseRef ?? '' });
    await hub.simulator('nelft').send(stepDown);
    const sent = await sentByNelft(stepDown.id);
    await untilStates(hub.as('nelft'), sent.messageId, { nkm: 'acknowledged' });
    expect(await atNkm(sent.messageId)).toMatchObject({
      type: 'mta.step-down.requested.v1',
      source: '/partners/nelft',
      caseref: caseRef,
      partnercaseref: stepUp.partnercaseref,
      data: stepDown.data,
    });

    await hub.as('nkm').send(aStepDecision({ from: 'nkm', to: sent.messageId, caseref: caseRef ?? '' }));
    await untilStation(hub.as('nelft'), sent.messageId, 'origin.informed');
    expect(await ownerOf(caseRef ?? '')).toMatchObject({ owner: 'front-door', ownerPartner: 'nkm' });
    const answers = hub.arrivals('nelft').map(({ body }) => JSON.parse(body) as Bundle);
    expect(answers.map(({ type }) => type)).toEqual(['message', 'message']);
  });

  it('opens a case with a step-down of a record system that we have never heard of', async () => {
    const stepDown = aStepDown();
    await hub.simulator('nelft').send(stepDown);
    const sent = await sentByNelft(stepDown.id);
    expect(await atNkm(sent.messageId)).toMatchObject({ data: stepDown.data });
    expect(await ownerOf(sent.caseRef ?? '')).toMatchObject({ owner: 'front-door' });
  });
});
