import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aRecall, aRequest, aStepDecision, aStepUp, aStepUpToNelft } from '../support/builders.js';
import { startFakePartner, type FakePartner } from '../support/fake-partner.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { untilInInbox, untilStates } from '../support/party.js';

jest.setTimeout(60_000);

/** A copy that was taken from a partner (redirected, recalled) still let it take the case, and could be redirected. */
describe('who is asked no more', () => {
  const hub = {} as HubUnderTest;
  let nelft: FakePartner;
  beforeAll(async () => {
    nelft = await startFakePartner({ style: 'fhir', idempotent: false });
    Object.assign(hub, await startHubUnderTest({ wire: 'local', endpoints: { nelft } }));
  });
  afterAll(async () => {
    await hub.stop?.();
    await nelft?.close();
  });

  const ops = () => hub.as('ops');
  const redirect = (deliveryId: string | undefined) =>
    ops().request('POST', `/v1/dead-letters/${deliveryId}/redirect`, {
      reason: 'the other one is nearer',
      to: 'specialist-camhs',
    });

  it('takes no case over after a redirect, stops no clock, and the front door is told', async () => {
    await hub.simulator('salus').set({ refuse: true });
    const { messageId, caseRef, deliveries } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { salus: 'parked', nkm: 'acknowledged' });
    const parked = deliveries.find(({ partner }) => partner === 'salus');
    expect((await redirect(parked?.id)).status).toBe(200);
    const owner = async () => (await ops().get<{ owner: string }>(`/v1/cases/${caseRef}`)).owner;
    const clocks = async () =>
      (await hub.db.query('select distinct state from clock where message_id = $1', [messageId])).rows;

    const late = await hub.as('salus').send(aStepDecision({ from: 'salus', to: messageId }));
    expect(await owner()).toBe('front-door');
    expect(await clocks()).toEqual([{ state: 'running' }]);
    const { rows } = await hub.db.query('select kind from alert where message_id = $1', [late.messageId]);
    expect(rows).toEqual([{ kind: 'decision.unasked' }]);

    await hub.as('camhs').send(aStepDecision({ from: 'camhs', to: messageId }));
    expect(await owner()).toBe('specialist-camhs');
    expect(await clocks()).toContainEqual({ state: 'stopped' });
  });

  it('cannot decide from the inbox on what was recalled; what it decided before stands', async () => {
    const accepted = {
      decision: 'accepted',
      decidedAt: '2026-11-20T10:00:00Z',
      decidedBy: 'coordinator',
      earliestStart: '2026-12-01',
    };
    const asked = async () => {
      const { messageId } = await hub.as('nkm').send(aRequest());
      return { messageId, path: `/v1/inbox/${(await untilInInbox(hub.as('ylf'), messageId)).deliveryId}` };
    };
    const decide = ({ path }: { path: string }) => hub.as('ylf').request('POST', `${path}/decide`, accepted);
    const [first, second] = [await asked(), await asked()];
    const before = await decide(first);
    expect(before.status).toBe(202);
    for (const { messageId } of [first, second]) await hub.as('nkm').send(aRecall('nkm', messageId));
    await untilStates(hub.as('nkm'), second.messageId, { ylf: 'withheld' });
    expect((await decide(second)).status).toBe(409);
    expect(await decide(first)).toMatchObject({ status: 202, text: before.text });
  });

  it('gets nothing by a redirect of what its sender has taken back', async () => {
    nelft.respond(() => 'drop');
    const { messageId, deliveries } = await hub.as('nkm').send(aStepUpToNelft());
    await untilStates(hub.as('nkm'), messageId, { nelft: 'parked' }, 20_000);
    nelft.respond(() => 'good');
    await hub.as('nkm').send(aRecall('nkm', messageId));
    const answer = await redirect(deliveries[0]?.id);
    expect(answer).toMatchObject({ status: 409, json: { detail: expect.stringMatching(/taken it back/) } });
    const { deliveries: after } = await hub.as('nkm').follow(messageId);
    expect(after.map(({ partner }) => partner)).toEqual(['nelft']);
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
