import { expect, it } from '@jest/globals';
import type { Bundle, MessageHeader } from 'fhir/r4.js';
import { aCrisisReferral, aRiskAlert, aSafeguardingReferral, type Message } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilInInbox, untilStates, untilStation } from '../support/party.js';

/** The answer of a person who can be rung. */
const takenOn = (messageId: string, by: string): Message => ({
  specversion: '1.0',
  id: `taken-on-${messageId}`,
  source: `/partners/${by}`,
  type: 'mta.risk.acknowledged.v1',
  causationid: messageId,
  data: {
    by: { name: 'Sam Example', role: 'duty clinician', callback: '01632 960111' },
    at: new Date().toISOString(),
    action: 'Ringing them now.',
    continues: true,
  },
});

const disposition = (messageId: string): Message => ({
  ...takenOn(messageId, 'crisis'),
  id: `disposition-${messageId}`,
  type: 'mta.crisis.disposition.v1',
  data: {
    disposition: 'home-treatment',
    receivedAt: new Date(Date.now() - 60_000).toISOString(),
    decidedAt: new Date().toISOString(),
    by: { name: 'Kim Example', role: 'crisis nurse' },
    summary: 'Somebody is on the way.',
  },
});

await onBothWires('when crisis is asked', {}, (hub) => {
  /** What a person was told because nobody answered: how far it had come, and for whom. */
  const told = async (messageId: string) => {
    const { rows } = await hub.db.query<{ kind: string; severity: string; owner: string; text: string }>(
      "select kind, severity, owner, text from alert where message_id = $1 and kind like 'clock.%' order by at",
      [messageId],
    );
    return rows;
  };
  const clock = async (messageId: string) => {
    const { rows } = await hub.db.query<{ name: string; state: string }>(
      'select name, state from clock where message_id = $1',
      [messageId],
    );
    return rows;
  };
  const untilTold = (messageId: string, times: number) =>
    eventually(async () => {
      const alerts = await told(messageId);
      expect(alerts).toHaveLength(times);
      return alerts;
    });

  it('tells a person after 5, 15 and 30 minutes of what no named person has answered', async () => {
    const asked = [
      { sender: 'ylf', answering: 'nkm', message: aRiskAlert() },
      { sender: 'nkm', answering: 'crisis', message: aCrisisReferral() },
      { sender: 'salus', answering: 'safeguarding', message: aSafeguardingReferral() },
    ];
    const ids: string[] = [];
    for (const { sender, message } of asked) {
      const { messageId, telephone } = await hub.as(sender).send(message);
      expect(telephone).toMatch(/[Tt]elephone/);
      expect(await clock(messageId)).toEqual([{ name: 'CLK-RISK', state: 'running' }]);
      ids.push(messageId);
    }
    const eachTold = (times: number) => Promise.all(ids.map((id) => untilTold(id, times)));

    await hub.passTime('5 minutes');
    for (const [first] of await eachTold(1)) {
      expect(first).toMatchObject({ kind: 'clock.warned', severity: 'urgent', owner: 'clinical-lead' });
      expect(first?.text).toMatch(/no named person .*Telephone now/);
    }
    await hub.passTime('10 minutes');
    for (const alerts of await eachTold(2)) expect(alerts.at(-1)).toMatchObject({ kind: 'clock.breached' });
    await hub.passTime('15 minutes');
    for (const alerts of await eachTold(3)) expect(alerts.at(-1)?.text).toContain('for 30 minutes');

    // Nothing closes it by itself, and an answer that comes late still does.
    for (const [index, { sender, answering }] of asked.entries()) {
      const id = ids[index] as string;
      expect(await clock(id)).toEqual([{ name: 'CLK-RISK', state: 'breached' }]);
      await hub.as(answering).send(takenOn(id, answering));
      expect(await clock(id)).toEqual([{ name: 'CLK-RISK', state: 'stopped' }]);
      await untilStation(hub.as(sender), id, 'clock.stopped');
    }
  });

  it('does not take a copy that was fetched for a person who answers', async () => {
    const { messageId } = await hub.as('salus').send(aSafeguardingReferral());
    const { deliveryId } = await untilInInbox(hub.as('safeguarding'), messageId);
    await hub.as('safeguarding').post(`/v1/inbox/${deliveryId}/acknowledge`, {});
    expect(await clock(messageId)).toEqual([{ name: 'CLK-RISK', state: 'running' }]);
    await hub.passTime('5 minutes');
    await untilTold(messageId, 1);
  });

  it('takes what the crisis team decided for an answer, and tells it to whoever asked', async () => {
    const { messageId, caseRef } = await hub.as('nkm').send(aCrisisReferral());
    const answer = await hub.as('crisis').send(disposition(messageId));
    expect(answer.caseRef).toBe(caseRef);
    expect(answer.deliveries.map(({ partner }) => partner)).toContain('nkm');
    expect(await clock(messageId)).toEqual([{ name: 'CLK-RISK', state: 'stopped' }]);
    await hub.passTime('1 hour');
    // The round that tells has come by when it has told of another.
    const other = await hub.as('ylf').send(aRiskAlert());
    await hub.passTime('5 minutes');
    await untilTold(other.messageId, 1);
    expect(await told(messageId)).toEqual([]);
  });

  it('asks the crisis team in FHIR, and brings back the named person and what was done, both said in FHIR', async () => {
    const { messageId, deliveries } = await hub.as('nkm').send(aCrisisReferral());
    await untilStates(hub.as('nkm'), messageId, { crisis: 'acknowledged' });
    const copy = deliveries.find(({ partner }) => partner === 'crisis');
    const arrival = hub.arrivals('crisis').find(({ deliveryid }) => deliveryid === copy?.id);
    const header = (JSON.parse(arrival?.body ?? '{}') as Bundle).entry?.[0]?.resource as MessageHeader;
    expect(header.eventCoding).toMatchObject({ code: 'mta.crisis.referral.v1' });

    for (const answer of [takenOn(messageId, 'crisis'), disposition(messageId)]) {
      await hub.simulator('crisis').send(answer);
      const query = new URLSearchParams({ source: '/partners/crisis', id: answer.id });
      const sent = await hub.as('crisis').get<{ messageId: string }>(`/v1/messages?${query.toString()}`);
      const atNkm = await eventually(() => {
        const told = hub.arrivals('nkm').find(({ body }) => body.includes(`"id":"${sent.messageId}"`));
        expect(told).toBeDefined();
        return JSON.parse(told?.body ?? '') as Record<string, unknown>;
      });
      expect(atNkm).toMatchObject({ type: answer.type, causationid: messageId, data: answer.data });
      expect(await clock(messageId)).toEqual([{ name: 'CLK-RISK', state: 'stopped' }]);
    }
    await untilStation(hub.as('nkm'), messageId, 'origin.informed');
  });

  it('asks the crisis team too where the referral names a team that nobody knows', async () => {
    const { messageId, deliveries } = await hub.as('nkm').send(aCrisisReferral({ data: { to: 'help' } }));
    expect(deliveries.map(({ partner }) => partner)).toEqual(['crisis']);
    await untilStates(hub.as('nkm'), messageId, { crisis: 'acknowledged' });
  });

  it('brings a referral of which nearly all is missing to the team, and tells a person', async () => {
    const { messageId, deliveries } = await hub
      .as('nkm')
      .send(aCrisisReferral({ data: { whereabouts: undefined, about: 'a boy', callback: 5 } }));
    expect(deliveries.map(({ partner }) => partner)).toContain('crisis');
    const { rows } = await hub.db.query(
      "select owner, severity from alert where message_id = $1 and kind = 'safety.findings'",
      [messageId],
    );
    expect(rows).toEqual([{ owner: 'clinical-lead', severity: 'urgent' }]);
  });
});
