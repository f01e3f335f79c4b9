import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#contracts';
import {
  aMeasure,
  aRecall,
  aReferral,
  aRiskAlert,
  aStepDecision,
  aStepDown,
  aStepUpToNelft,
  type Message,
} from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates, untilStation, type Followed } from '../support/party.js';
import { recomputeAll } from '../support/recompute-all.js';

const REDIRECT = join(projectRoot(), 'samples/referral-redirected.nkm-to-salus-kent.json');

function aRedirectToKent(caseref: string): Message {
  const { partnercaseref: _, ...sample } = JSON.parse(readFileSync(REDIRECT, 'utf8')) as Message;
  return { ...sample, id: randomUUID(), caseref };
}

function anAcceptance(from: string, causationid: string, caseref: string): Message {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/partners/${from}`,
    type: 'mta.referral.redirected.accepted.v1',
    time: new Date().toISOString(),
    causationid,
    caseref,
    data: {
      decision: 'accepted',
      decidedAt: new Date().toISOString(),
      decidedBy: 'Intake lead',
      firstContactBy: 'unknown',
    },
  };
}

await onBothWires('when a case is of Kent', {}, (hub) => {
  const caseAt = (caseRef: string) =>
    hub.as('ops').get<{ area: string; owner: string; ownerPartner: string }>(`/v1/cases/${caseRef}`);
  const routingOf = (messageId: string) =>
    hub.as('ops').get<Record<string, unknown>>(`/v1/messages/${messageId}/routing`);
  /** NELFT speaks FHIR. */
  const nelftSends = async (message: Message): Promise<Followed> => {
    await hub.simulator('nelft').send(message);
    return hub.as('nelft').get<Followed>(`/v1/messages?source=/partners/nelft&id=${message.id}`);
  };

  /** A child whom the front door of Medway sends on, and whom Kent takes. */
  async function aCaseOfKent(): Promise<string> {
    const caseRef = (await hub.as('referrers').send(aReferral())).caseRef ?? '';
    expect(await caseAt(caseRef)).toMatchObject({ area: 'medway', owner: 'front-door' });
    const redirect = await hub.as('nkm').send(aRedirectToKent(caseRef));
    await untilStates(hub.as('nkm'), redirect.messageId, { 'salus-kent': 'acknowledged' });
    expect(await caseAt(caseRef)).toMatchObject({ area: 'medway' });
    const answer = await hub.as('salus-kent').send(anAcceptance('salus-kent', redirect.messageId, caseRef));
    await untilStates(hub.as('ops'), answer.messageId, { nkm: 'acknowledged' });
    await untilStation(hub.as('nkm'), redirect.messageId, 'origin.informed');
    const owner = { owner: 'kent-front-door', ownerPartner: 'salus-kent' };
    expect(await caseAt(caseRef)).toMatchObject({ area: 'kent', ...owner });
    return caseRef;
  }

  it('no partner of Medway alone hears what the specialists say of it, in FHIR or JSON', async () => {
    const caseref = await aCaseOfKent();
    const stepUp = await hub.as('salus-kent').send(aStepUpToNelft({ from: 'salus-kent', caseref }));
    await untilStates(hub.as('ops'), stepUp.messageId, { nelft: 'acknowledged' });

    const stepDown = await nelftSends(aStepDown({ caseref }));
    await untilStates(hub.as('ops'), stepDown.messageId, { 'salus-kent': 'acknowledged' });
    const measure = await hub.as('nelft').send(aMeasure({ from: 'nelft', caseref }));
    await untilStates(hub.as('ops'), measure.messageId, { 'salus-kent': 'acknowledged' });
    const decided = await hub
      .as('salus-kent')
      .send(aStepDecision({ from: 'salus-kent', to: stepDown.messageId, caseref }));
    await untilStates(hub.as('ops'), decided.messageId, { nelft: 'acknowledged' });
    for (const { messageId } of [stepUp, stepDown, measure, decided])
      for (const partner of ['nkm', 'salus'] as const)
        expect(hub.arrivals(partner).filter(({ body }) => body.includes(messageId))).toEqual([]);

    expect(await routingOf(stepDown.messageId)).toMatchObject({
      facts: { area: 'kent', source: 'nelft' },
      areaOf: 'case',
      recipients: [{ partner: 'salus-kent', role: 'kent-front-door', asks: true }],
      recomputed: 'same',
    });
    const { out } = await hub.cli('explain', stepDown.messageId);
    expect(out).toMatch(/area +kent/);
    expect(out).toContain('The area is that of the case, whoever sends.');
  });

  it('what keeps a child safe crosses the border all the same', async () => {
    const caseref = await aCaseOfKent();
    const alert = await hub.as('salus-kent').send(aRiskAlert({ from: 'salus-kent', caseref }));
    await untilStates(hub.as('ops'), alert.messageId, { nkm: 'acknowledged' });
    const late = await hub.as('nkm').send(aRiskAlert({ from: 'nkm', caseref }));
    await untilStates(hub.as('ops'), late.messageId, { 'salus-kent': 'acknowledged' });
  });

  it('only its own front door takes back what others have said of it', async () => {
    const caseref = await aCaseOfKent();
    const stepUp = await hub.as('salus-kent').send(aStepUpToNelft({ from: 'salus-kent', caseref }));
    await untilStates(hub.as('ops'), stepUp.messageId, { nelft: 'acknowledged' });
    const measure = await hub.as('nelft').send(aMeasure({ from: 'nelft', caseref }));
    await untilStates(hub.as('ops'), measure.messageId, { 'salus-kent': 'acknowledged' });
    const recall = (by: string) => hub.as(by).submit(JSON.stringify(aRecall(by, measure.messageId)));
    expect((await recall('nkm')).json).toMatchObject({ code: 'routing/nothing-to-recall' });
    expect((await recall('salus-kent')).status).toBe(202);
  });

  it('what Medway still says of it waits for a person, who cannot send it over the border either', async () => {
    const caseref = await aCaseOfKent();
    const { messageId } = await hub.as('nkm').send(aMeasure({ from: 'nkm', caseref }));
    const { deliveries } = await untilStates(hub.as('ops'), messageId, { 'salus-kent': 'parked' });
    expect(deliveries).toMatchObject([{ code: 'routing/denied' }]);
    const { rows } = await hub.db.query('select owner, kind, text from alert where message_id = $1', [
      messageId,
    ]);
    expect(rows).toEqual([
      {
        owner: 'front-door',
        kind: 'routing.no-route',
        text: 'A message of nkm has nobody to go to: no route matched, or one forbids it. It is parked.',
      },
    ]);
    const again = await hub
      .as('ops')
      .request('POST', `/v1/dead-letters/${deliveries[0]?.deliveryId}/replay`, { reason: 'let it go' });
    expect(again).toMatchObject({ status: 409, text: expect.stringContaining('A route forbids that.') });
    const { out } = await hub.cli('explain', messageId);
    expect(out).toMatch(/kent-and-medway-apart +Kent and Medway are separate controllers/);
  });

  it('a child of Medway is Medway’s, and Kent hears nothing of what the specialists say', async () => {
    const caseref = (await hub.as('referrers').send(aReferral())).caseRef ?? '';
    const stepUp = await hub.as('nkm').send(aStepUpToNelft({ caseref }));
    await untilStates(hub.as('ops'), stepUp.messageId, { nelft: 'acknowledged' });
    const stepDown = await nelftSends(aStepDown({ caseref }));
    await untilStates(hub.as('ops'), stepDown.messageId, { nkm: 'acknowledged' });
    const measure = await hub.as('nelft').send(aMeasure({ from: 'nelft', caseref }));
    await untilStates(hub.as('ops'), measure.messageId, { nkm: 'acknowledged' });
    expect(await routingOf(measure.messageId)).toMatchObject({ facts: { area: 'medway' }, areaOf: 'case' });
  });

  it('a case that Kent opens is Kent’s, a referral by Kent asks Medway, and of an unknown case the sender tells', async () => {
    const opened = await hub.as('salus-kent').send(aStepUpToNelft({ from: 'salus-kent' }));
    expect(await caseAt(opened.caseRef ?? '')).toMatchObject({ area: 'kent', owner: 'kent-front-door' });
    await untilStates(hub.as('ops'), opened.messageId, { nelft: 'acknowledged' });
    // NELFT names only what it answers.
    const answer = await hub.as('nelft').send(aStepDecision({ from: 'nelft', to: opened.messageId }));
    await untilStates(hub.as('ops'), answer.messageId, { 'salus-kent': 'acknowledged' });

    const referred = await hub.as('salus-kent').send(aReferral({ from: 'salus-kent' }));
    expect(await caseAt(referred.caseRef ?? '')).toMatchObject({ area: 'medway', owner: 'front-door' });
    await untilStates(hub.as('ops'), referred.messageId, { nkm: 'acknowledged' });

    const stepDown = await nelftSends(aStepDown());
    expect(await routingOf(stepDown.messageId)).toMatchObject({
      facts: { area: 'medway' },
      areaOf: 'sender',
    });
    await expect(recomputeAll(hub.hub)).resolves.toBeGreaterThan(0);
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
