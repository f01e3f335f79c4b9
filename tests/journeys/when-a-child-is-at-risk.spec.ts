import { expect, it } from '@jest/globals';
import { aMeasure, aRiskAlert } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates, untilStation } from '../support/party.js';

/** A gate that has come to rest stays there for the whole test, unless somebody opens it. */
const aLongRest = ({ policy }: { policy: { gate: object } }) =>
  Object.assign(policy.gate, { baseMs: 600_000, capMs: 600_000 });

await onBothWires('when a child is at risk', { configure: aLongRest }, (hub) => {
  const gateOfNkm = async () => {
    const { rows } = await hub.db.query<{ state: string }>(
      "select state from gate where partner = 'nkm' and stream = 'ordinary'",
    );
    return rows[0]?.state;
  };

  it('overtakes all that waits at a resting gate, and both Receipts say to telephone', async () => {
    const nkm = hub.simulator('nkm');
    await nkm.set({ down: true });
    const waiting = [];
    for (let i = 0; i < 10; i += 1) waiting.push(await hub.as('salus').send(aMeasure()));
    await eventually(async () => expect(await gateOfNkm()).toBe('resting'));
    await nkm.set({ down: false });

    const alert = aRiskAlert();
    const receipt = await hub.as('ylf').send(alert);
    expect(receipt.telephone).toMatch(/[Tt]elephone/);
    await untilStates(hub.as('ylf'), receipt.messageId, { nkm: 'acknowledged' });
    expect(await gateOfNkm()).toBe('resting');
    expect(nkm.received().map(({ id }) => id)).toEqual([receipt.messageId]);

    // The adapter's fuse may still be open for a second, and would bring the gate to rest again.
    await eventually(async () => {
      await hub.as('ops').post('/v1/partners/nkm/resume', {});
      expect(nkm.received()).toHaveLength(1 + waiting.length);
    });
    for (const { messageId } of waiting)
      await untilStates(hub.as('salus'), messageId, { nkm: 'acknowledged' });

    const acknowledged = {
      specversion: '1.0' as const,
      type: 'mta.risk.acknowledged.v1',
      causationid: receipt.messageId,
      data: {
        by: { name: 'Sam Example', role: 'duty clinician' },
        at: new Date().toISOString(),
        action: 'Calling the family now.',
        continues: true,
      },
    };
    await nkm.send(acknowledged);
    await eventually(async () => {
      const [item] = (await hub.as('ylf').inbox()).filter(
        ({ message }) => message.causationid === receipt.messageId,
      );
      expect(item?.message.type).toBe('mta.risk.acknowledged.v1');
      await hub.as('ylf').post(`/v1/inbox/${item?.deliveryId}/acknowledge`, {});
    });
    await untilStation(hub.as('ylf'), receipt.messageId, 'origin.informed');
  });

  it('sends what safety needs and nothing beside it', async () => {
    const { person } = aRiskAlert().data.about as { person: object };
    const alert = aRiskAlert({
      data: { about: { kind: 'identified', person: { ...person, ethnicity: { code: 'Z' } } } },
    });
    const { messageId } = await hub.as('ylf').send(alert);
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged' });
    const [arrival] = hub.arrivals('nkm').filter(({ body }) => body.includes(messageId));
    const { data } = JSON.parse(arrival?.body ?? '') as {
      data: { concern: string; about: { person: object } };
    };
    expect(data.concern).toBe(alert.data.concern);
    expect(data.about.person).toMatchObject(person);
    expect(data.about.person).not.toHaveProperty('ethnicity');
  });

  it('is taken and delivered with whatever is wrong with it, and a person is told', async () => {
    const broken = { ...aRiskAlert(), specversion: '9', source: '/partners/salus', data: { concern: 5 } };
    const answer = await hub.as('ylf').submit(JSON.stringify(broken));
    expect(answer.status).toBe(202);
    const { messageId, telephone } = answer.json as { messageId: string; telephone: string };
    expect(telephone).toMatch(/[Tt]elephone/);
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged' });
    const { rows } = await hub.db.query<{ owner: string; severity: string }>(
      "select owner, severity from alert where message_id = $1 and kind = 'safety.findings'",
      [messageId],
    );
    expect(rows).toEqual([{ owner: 'clinical-lead', severity: 'urgent' }]);
  });

  it('tells to telephone also where it could not be taken', async () => {
    const answer = await hub.as('ylf').submit('{ "type": "mta.risk.alert.v1", ');
    expect(answer).toMatchObject({ status: 400, json: { telephone: expect.stringMatching(/telephone/) } });
  });
});
