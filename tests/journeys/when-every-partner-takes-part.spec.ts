import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, sourceOfPartner } from '#contracts';
import { ROSTER, type SimulatorName } from '../../apps/simulators/src/roster.js';
import { aReference, aRequest, aRiskAlert, aStepUp, type Message } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { untilStates, untilStation, type Followed } from '../support/party.js';

const INBOXES = ['ylf', 'barratt', 'safeguarding'] as const;

/** A valid example of a contract, as a message of its own and in a case of its own. */
function anExample(
  type: string,
  file: string,
  from: SimulatorName,
  data: Record<string, unknown> = {},
): Message {
  const text = readFileSync(
    join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${file}.json`),
    'utf8',
  );
  const { caseref: _, ...example } = JSON.parse(text) as Message;
  return {
    ...example,
    id: randomUUID(),
    source: sourceOfPartner(from),
    time: new Date().toISOString(),
    partnercaseref: aReference(),
    data: { ...example.data, ...data },
  };
}

/** What the front door, or who steps in for it, asks of a partner, and the answers that the partner owes. */
const ASKED: [partner: SimulatorName, type: string, ask: () => Message, answers: string[]][] = [
  [
    'bfb-labs',
    'an activation',
    () =>
      aRequest({
        data: { to: 'digital-therapy', serviceCode: 'digital-therapy', person: youngster('2017-02-03') },
      }),
    ['request.decision', 'digital.engagement'],
  ],
  ['ylf', 'a mentor', () => aRequest(), ['request.decision']],
  [
    'barratt',
    'behaviour support',
    () => aRequest({ data: { to: 'behaviour-support', serviceCode: 'behaviour-support' } }),
    ['request.decision'],
  ],
  [
    'chums',
    'bereavement support',
    () => aRequest({ data: { to: 'bereavement', serviceCode: 'bereavement-group' } }),
    ['request.decision'],
  ],
  ['salus', 'a step-up', () => aStepUp(), ['step.decision']],
  ['camhs', 'a step-up', () => aStepUp({ from: 'nkm', data: { to: 'specialist-camhs' } }), ['step.decision']],
  [
    'crisis',
    'a crisis team',
    () => anExample('crisis.referral', 'known-person', 'nkm', { to: 'crisis-team' }),
    ['risk.acknowledged', 'crisis.disposition'],
  ],
  [
    'salus-kent',
    'a redirect',
    () => anExample('referral.redirected', 'to-kent', 'nkm', { to: 'kent-front-door' }),
    ['referral.redirected.accepted'],
  ],
  [
    'safeguarding',
    'protection, which no agreement may hold up',
    () => anExample('safeguarding.referral', 'hit-at-home', 'ylf'),
    ['risk.acknowledged', 'safeguarding.outcome'],
  ],
];

const youngster = (dateOfBirth: string): Record<string, unknown> => ({
  ...(aRiskAlert().data.about as { person: Record<string, unknown> }).person,
  dateOfBirth,
});

describe('when every partner takes part', () => {
  const hub = {} as HubUnderTest;
  jest.setTimeout(60_000);
  beforeAll(async () => {
    Object.assign(hub, await startHubUnderTest({ wire: 'local', inboxes: INBOXES, decideAfterMs: 20 }));
  });
  afterAll(() => hub.stop?.());

  /** The messages that a partner sent in answer to another. */
  const answersOf = async (partner: string, messageId: string): Promise<string[]> => {
    const { messages } = await hub
      .as('ops')
      .get<{ messages: (Followed & { causationId: string | null })[] }>('/v1/messages?limit=100');
    return messages
      .filter(({ source, causationId }) => source === sourceOfPartner(partner) && causationId === messageId)
      .map(({ type }) => type.replace(/^mta\.(.*)\.v1$/, '$1'))
      .toReversed();
  };

  it.each(ASKED)(
    '%s is asked for %s, and answers over its own channel',
    async (partner, _type, ask, answers) => {
      const message = ask();
      const { messageId } = await hub.as(message.source.replace('/partners/', '')).send(message);
      await eventually(
        async () => {
          const { deliveries } = await hub.as('ops').get<Followed>(`/v1/messages/${messageId}`);
          expect(deliveries.find((one) => one.partner === partner)?.state).toBe('acknowledged');
          expect(await answersOf(partner, messageId)).toEqual(answers);
        },
        { within: 20_000 },
      );
      const [received] = hub
        .simulator(partner)
        .received()
        .filter(({ id }) => id === messageId);
      expect(received).toMatchObject({ processed: 1 });
      await untilStation(hub.as('ops'), messageId, 'origin.informed', 20_000);
    },
  );

  it('kooth is offered to somebody whom it never hears named, and fears for one whom nobody can name', async () => {
    const offer = {
      ...anExample('intervention.requested', 'anonymous-digital-offer', 'nkm'),
      // Nobody is named, so there is nobody whose consent could be asked.
      sharingbasis: 'none-needed' as const,
    };
    const { messageId } = await hub.as('nkm').send(offer);
    await untilStates(hub.as('nkm'), messageId, { kooth: 'acknowledged' }, 20_000);
    const [arrival] = hub.arrivals('kooth').filter(({ body }) => body.includes(messageId));
    expect(JSON.parse(arrival?.body ?? '')).not.toHaveProperty('data.person');

    const id = await hub.simulator('kooth').send(anExample('risk.alert', 'unidentified-user', 'kooth'));
    const alert = await hub
      .as('kooth')
      .get<Followed>(`/v1/messages?source=/partners/kooth&id=${encodeURIComponent(id)}`);
    await untilStates(hub.as('kooth'), alert.messageId, { nkm: 'acknowledged' }, 20_000);
    await untilStation(hub.as('kooth'), alert.messageId, 'origin.informed', 20_000);
  });

  it('every partner with a channel of its own sends by it', async () => {
    const speaking = (Object.keys(ROSTER) as SimulatorName[]).filter(
      (name) => ROSTER[name].channel !== 'inbox' && !['nkm', 'kooth'].includes(name),
    );
    for (const name of speaking) {
      const { source: _, id: __, ...alert } = aRiskAlert();
      const id = await hub.simulator(name).send(alert);
      const sent = await hub.as(name).get<Followed>(`/v1/messages?source=/partners/${name}&id=${id}`);
      await untilStates(hub.as(name), sent.messageId, { nkm: 'acknowledged' }, 20_000);
    }
  });

  it('a gateway gets nothing ordinary before its agreement is in force, and nothing is lost', async () => {
    const stepUp = aStepUp({ from: 'nkm', data: { to: 'school-support' } });
    const { messageId } = await hub.as('nkm').send(stepUp);
    await untilStates(hub.as('ops'), messageId, { mhst: 'blocked' }, 20_000);
    expect(await hub.as('mhst').inbox()).toEqual([]);
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
