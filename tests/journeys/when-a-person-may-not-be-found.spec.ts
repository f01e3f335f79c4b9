import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Envelope } from '#contracts';
import type { Disclosure } from '../../apps/hub/src/store/read-disclosures.js';
import { aReferral, aRequest, aRiskAlert } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilInInbox, untilStates } from '../support/party.js';

await onBothWires('when nobody may learn where a person is', {}, (hub) => {
  const atNkm = (messageId: string): string =>
    hub.arrivals('nkm').find(({ body }) => body.includes(messageId))?.body ?? '';
  const address = { kind: 'known', lines: ['1 Hidden Lane'], postcode: 'ME4 4TZ', safeToWrite: 'no' };
  const contactRoutes = [{ kind: 'phone', value: '07700 900123', belongsTo: 'young-person', safe: 'no' }];
  const person = (): object => ({ ...(aReferral().data.person as object), address, contactRoutes });
  const said = (from: string, caseref: string, restricted: boolean): Envelope => ({
    specversion: '1.0',
    id: randomUUID(),
    source: `/partners/${from}`,
    type: 'mta.subject.updated.v1',
    time: new Date().toISOString(),
    caseref,
    data: {
      changes: [
        { field: 'contact-routes', effectiveOn: 'unknown', newHash: `hmac-sha256:${'0'.repeat(64)}` },
      ],
      restricted,
    },
  });

  it('keeps address, telephone and school from everybody, and says that it did', async () => {
    const referral = aReferral({
      data: { person: { ...person(), restricted: true }, school: 'Hidden School' },
    });
    const { messageId, caseRef } = await hub.as('referrers').send(referral);
    await untilStates(hub.as('referrers'), messageId, { nkm: 'acknowledged' });
    expect(atNkm(messageId)).toContain('"restricted":true');
    expect(atNkm(messageId)).not.toMatch(/Hidden|ME4 4TZ|900123/);
    const { disclosures } = await hub
      .as('ops')
      .get<{ disclosures: Disclosure[] }>(`/v1/cases/${caseRef}/disclosures`);
    expect(disclosures[0]?.leftOut).toEqual(
      expect.arrayContaining([
        { pointer: '/data/person/address', why: 'restricted' },
        { pointer: '/data/person/contactRoutes', why: 'restricted' },
        { pointer: '/data/school', why: 'restricted' },
      ]),
    );
  });

  it('keeps it with the case: no later message tells it, a risk alert neither', async () => {
    const { messageId, caseRef } = await hub
      .as('referrers')
      .send(aReferral({ data: { person: { ...person(), restricted: true } } }));
    await untilStates(hub.as('referrers'), messageId, { nkm: 'acknowledged' });
    const caseref = caseRef ?? '';
    const request = await hub.as('nkm').send(aRequest({ caseref, data: { contactRoutes } }));
    const copy = await untilInInbox(hub.as('ylf'), request.messageId);
    expect(copy.message.data).not.toHaveProperty('contactRoutes');

    const alert = aRiskAlert({ caseref, data: { about: { kind: 'identified', person: person() } } });
    const misspelt = { ...alert, data: { ...alert.data, adress: '1 Hidden Lane' } };
    const raised = await hub.as('ylf').send(misspelt);
    await untilStates(hub.as('ylf'), raised.messageId, { nkm: 'acknowledged' });
    expect(atNkm(raised.messageId)).toContain(String(alert.data.concern));
    expect(atNkm(raised.messageId)).not.toMatch(/Hidden|900123/);
  });

  it('is for the front door alone to lift, and then holds from the next message on', async () => {
    const { messageId, caseRef } = await hub.as('referrers').send(aReferral());
    await untilStates(hub.as('referrers'), messageId, { nkm: 'acknowledged' });
    const caseref = caseRef ?? '';
    const asked = async () => {
      const request = await hub.as('nkm').send(aRequest({ caseref, data: { contactRoutes } }));
      const copy = await untilInInbox(hub.as('ylf'), request.messageId);
      await hub.as('ylf').post(`/v1/inbox/${copy.deliveryId}/acknowledge`, {});
      return copy.message.data;
    };
    expect(await asked()).toHaveProperty('contactRoutes');
    await hub.as('ylf').send(said('ylf', caseref, true));
    expect(await asked()).not.toHaveProperty('contactRoutes');
    await hub.as('ylf').send(said('ylf', caseref, false));
    expect(await asked()).not.toHaveProperty('contactRoutes');
    const lifted = await hub.as('nkm').send(said('nkm', caseref, false));
    const notice = await untilInInbox(hub.as('ylf'), lifted.messageId);
    await hub.as('ylf').post(`/v1/inbox/${notice.deliveryId}/acknowledge`, {});
    expect(await asked()).toHaveProperty('contactRoutes');
  });
});
