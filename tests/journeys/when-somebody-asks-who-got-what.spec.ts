import { expect, it } from '@jest/globals';
import { loadAlliance } from '#contracts';
import { fromBundle } from '#fhir';
import type { Disclosure } from '../../apps/hub/src/store/read-disclosures.js';
import { isSimulated } from '../../apps/simulators/src/roster.js';
import {
  aCrisisReferral,
  aRequest,
  aRiskAlert,
  aStepDecision,
  aStepUp,
  aStepUpToNelft,
  aWithdrawal,
  type Message,
} from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires, type HubUnderTest } from '../support/hub-under-test.js';
import { untilInInbox, untilStates } from '../support/party.js';

/** Every partner with a system of its own. */
const CARRIED = loadAlliance()
  .partners.filter(({ channel }) => channel !== 'inbox')
  .map(({ id }) => id)
  .filter(isSimulated);

await onBothWires('when somebody asks who got what', {}, (hub) => {
  const disclosuresOf = async (caseRef: string | null, party = 'ops') =>
    (await hub.as(party).get<{ disclosures: Disclosure[] }>(`/v1/cases/${caseRef}/disclosures`)).disclosures;

  it('lists every copy of the case, and each holds exactly what its recipient received', async () => {
    const stepUp = aStepUp({ data: { sensitive: undefined } });
    const { messageId, caseRef } = await hub.as('ylf').send(stepUp);
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const alert = await hub.as('ylf').send(aRiskAlert({ caseref: caseRef ?? '' }));
    await untilStates(hub.as('ylf'), alert.messageId, { nkm: 'acknowledged' });
    const decision = await hub
      .as('salus')
      .send(aStepDecision({ from: 'salus', to: messageId, caseref: caseRef ?? '' }));
    await untilStates(hub.as('salus'), decision.messageId, { nkm: 'acknowledged', ylf: 'handed-over' });

    const disclosures = await disclosuresOf(caseRef);
    expect(held(disclosures)).toEqual(await receivedIn(hub, caseRef));

    const [first] = disclosures.filter((one) => one.messageId === messageId && one.partner === 'salus');
    expect(first).toMatchObject({
      type: 'mta.step-up.requested.v1',
      state: 'acknowledged',
      arrived: 'yes',
      basis: { basis: 'consent', agreement: 'salus-2026', consent: [messageId] },
      purposes: ['operations', 'direct-care', 'coordination', 'safety'],
    });
    const [alerted] = disclosures.filter((one) => one.messageId === alert.messageId);
    expect(alerted).toMatchObject({
      basis: { basis: 'safety', note: 'safety-minimum' },
      purposes: ['safety'],
    });
    // Held and left out are together the whole of what was said.
    for (const one of disclosures.filter((each) => each.messageId === messageId))
      expect([...one.fields, ...one.leftOut.map(({ pointer }) => pointer)].sort()).toEqual(
        expect.arrayContaining(fieldsOf({ ...stepUp, deliveryid: '' }).filter((p) => p.startsWith('/data'))),
      );
    expect(
      disclosures
        .filter((one) => one.messageId === decision.messageId)
        .map(({ partner }) => partner)
        .sort(),
    ).toEqual(['nkm', 'ylf']);
  });

  it('equals, on every channel, what each partner’s own system received of the case', async () => {
    const { caseRef } = await hub.as('nkm').send(aRequest());
    const caseref = caseRef ?? '';
    const asking = (to: string, data: object = {}): Message =>
      aRequest({ caseref, data: { to, serviceCode: to, ...data } });
    const about = aRequest().data.person as object;
    for (const message of [
      asking('bereavement'),
      asking('digital-therapy', { person: { ...about, dateOfBirth: '2017-02-03' } }),
      aStepUpToNelft({ caseref }),
      aStepUpToNelft({ caseref, data: { to: 'specialist-camhs' } }),
      aCrisisReferral({ caseref }),
    ])
      await hub.as('nkm').send(message);

    await eventually(async () => {
      const disclosures = await disclosuresOf(caseRef);
      expect(disclosures.map(({ partner }) => partner).sort()).toEqual(
        ['bfb-labs', 'camhs', 'chums', 'crisis', 'nelft', 'ylf'].sort(),
      );
      expect(held(disclosures)).toEqual(await receivedIn(hub, caseRef));
    });
  });

  it('lists what an offer held that names nobody', async () => {
    const to = 'digital-counselling';
    const nobody = { person: undefined, contactRoutes: [], consent: { status: 'unknown' } };
    const { messageId, caseRef } = await hub
      .as('nkm')
      .send(aRequest({ data: { to, serviceCode: to, ...nobody }, sharingbasis: 'none-needed' }));
    await untilStates(hub.as('nkm'), messageId, { kooth: 'acknowledged' });
    const disclosures = await disclosuresOf(caseRef);
    expect(disclosures.map(({ partner }) => partner)).toEqual(['kooth']);
    expect(held(disclosures)).toEqual(await receivedIn(hub, caseRef));
  });

  it('counts a copy that its recipient refused, and none that never left', async () => {
    await hub.simulator('nelft').set({ refuse: true });
    const refused = await hub.as('nkm').send(aStepUpToNelft());
    await untilStates(hub.as('nkm'), refused.messageId, { nelft: 'parked' });
    await hub.simulator('nelft').set({ refuse: false });
    expect(await disclosuresOf(refused.caseRef)).toMatchObject([
      { partner: 'nelft', arrived: 'no', state: 'parked' },
    ]);

    const withheld = await hub.as('nkm').send(aStepUpToNelft({ consent: 'refused' }));
    await untilStates(hub.as('nkm'), withheld.messageId, { nelft: 'withheld' });
    const told = await disclosuresOf(withheld.caseRef);
    expect(told.filter(({ partner }) => partner === 'nelft')).toEqual([]);
  });

  it('shows a partner its own copies, another nothing, and notes who asked', async () => {
    const { messageId, caseRef } = await hub.as('nkm').send(aRequest());
    await untilInInbox(hub.as('ylf'), messageId);
    expect((await disclosuresOf(caseRef, 'ylf')).map(({ partner }) => partner)).toEqual(['ylf']);
    const stranger = await hub.as('salus').request('GET', `/v1/cases/${caseRef}/disclosures`);
    expect(stranger.status).toBe(404);
    const { rows } = await hub.db.query<{ actor: string }>(
      "select actor from audit where action = 'case.disclosures.read' and subject = $1",
      [caseRef],
    );
    expect(rows).toEqual([{ actor: 'ylf' }]);
  });

  it('tells a copy in an inbox again when less of it may be read', async () => {
    const { messageId, caseRef } = await hub.as('nkm').send(aRequest());
    await untilInInbox(hub.as('ylf'), messageId);
    const noCare = [{ party: 'ylf', dataClass: '*', purpose: 'direct-care' }];
    await hub.as('nkm').send(aWithdrawal({ caseref: caseRef ?? '', data: { scope: noCare } }));
    await eventually(async () => {
      const { message } = (await hub.as('ylf').inbox()).find((item) => item.message.id === messageId) ?? {};
      const told = (await disclosuresOf(caseRef)).filter((one) => one.messageId === messageId);
      expect(told).toHaveLength(2);
      expect([...(told.at(-1)?.fields ?? [])].sort()).toEqual(fieldsOf(message as unknown as Copy));
    });
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});

interface Copy {
  deliveryid: string;
  caseref?: string;
  subject?: string;
  overridereason?: string;
  data: unknown;
}

/** Each disclosure by its delivery, with what it says that the copy held. */
function held(disclosures: readonly Disclosure[]): unknown {
  return sortedBy(disclosures.map(({ deliveryId, fields }) => [deliveryId, [...fields].sort()]));
}

/** The same, of every copy of a case that reached a partner's system, or lies in an inbox. */
async function receivedIn(hub: HubUnderTest, caseRef: string | null): Promise<unknown> {
  const carried = CARRIED.flatMap((name) =>
    hub.arrivals(name).map(({ deliveryid, body }) => ({ ...copyIn(body), deliveryid })),
  );
  const inInbox = (await hub.as('ylf').inbox()).map(({ message }) => message as unknown as Copy);
  const copies = [...carried, ...inInbox].filter(({ caseref }) => caseref === caseRef);
  return sortedBy(copies.map((copy) => [copy.deliveryid, fieldsOf(copy)]));
}

/** What a partner reads in what it was sent: JSON as it is, a bundle by what it says. */
function copyIn(body: string): Copy {
  const parsed = JSON.parse(body) as Copy & { resourceType?: string };
  return parsed.resourceType === 'Bundle'
    ? (fromBundle(parsed) as unknown as { envelope: Copy }).envelope
    : parsed;
}

/** Pointers of the leaves of a copy, `*` for every element of a list, and of what the sender wrote on the envelope. */
function fieldsOf({ data, subject, overridereason }: Copy): string[] {
  const pointers = new Set(leaves(data, '/data'));
  if (subject !== undefined) pointers.add('/subject');
  if (overridereason !== undefined) pointers.add('/overridereason');
  return [...pointers].sort();
}

function leaves(value: unknown, pointer: string): string[] {
  const inside = Array.isArray(value)
    ? value.flatMap((item) => leaves(item, `${pointer}/*`))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, member]) => leaves(member, `${pointer}/${key}`))
      : [];
  return inside.length > 0 ? inside : [pointer];
}

function sortedBy(pairs: (string | string[])[][]): unknown {
  return pairs.toSorted(([a], [b]) => String(a).localeCompare(String(b)));
}
