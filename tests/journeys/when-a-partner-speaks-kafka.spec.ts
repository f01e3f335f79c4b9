import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { topics } from '#contracts';
import { putText } from '../conformance/kafka-by-hand.js';
import { aMeasure } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { kafkaForTests } from '../support/kafka.js';
import { untilStation, type Followed } from '../support/party.js';

const kafka = await kafkaForTests();
afterAll(() => kafka?.stop());
jest.setTimeout(60_000);

(kafka ? describe : describe.skip)('when a partner speaks Kafka itself', () => {
  let hub: HubUnderTest;
  beforeAll(async () => {
    hub = await startHubUnderTest({ wire: 'kafka', ...(kafka && { kafka }) });
  });
  afterAll(() => hub?.stop());

  const put = (partner: string, ...texts: string[]) =>
    putText(hub.kafka ?? { brokers: [] }, topics.intake(partner), ...texts);
  const found = (id: string) => hub.as('salus').get<Followed>(`/v1/messages?source=/partners/salus&id=${id}`);
  const refusals = async () => {
    const { rows } = await hub.db.query<{ partner: string; code: string }>(
      'select partner, code from refusal order by at',
    );
    return rows;
  };

  it('is one message, whether it comes by topic, by HTTP or by both', async () => {
    const measure = aMeasure();
    await put('salus', JSON.stringify(measure));
    const { messageId } = await eventually(() => found(measure.id));
    const byHttp = await hub.as('salus').send(measure);
    expect(byHttp.messageId).toBe(messageId);
    await put('salus', JSON.stringify(measure), JSON.stringify(measure));
    const after = aMeasure();
    await put('salus', JSON.stringify(after));
    await eventually(() => found(after.id));
    const informed = await untilStation(hub.as('salus'), messageId, 'origin.informed');
    expect(informed.deliveries).toMatchObject([{ partner: 'nkm', state: 'acknowledged' }]);
    expect(
      hub
        .simulator('nkm')
        .received()
        .filter(({ id }) => id === messageId),
    ).toMatchObject([{ count: 1 }]);
    expect(await refusals()).toEqual([]);
  });

  it('leaves a Refusal of a bad record and goes on behind it', async () => {
    const [before, after] = [aMeasure(), aMeasure()];
    const bad = aMeasure({ data: { administeredOn: 'yesterday' } });
    await put('salus', JSON.stringify(before), '{"half', JSON.stringify(bad), JSON.stringify(after));
    await eventually(() => found(before.id));
    await eventually(() => found(after.id));
    expect(await refusals()).toEqual([
      { partner: 'salus', code: 'contract/not-json' },
      { partner: 'salus', code: 'contract/invalid' },
    ]);
    await expect(found(bad.id)).rejects.toThrow('404');
  });

  it('knows who sends by the topic alone', async () => {
    const already = (await refusals()).length;
    const forged = aMeasure();
    await put('ylf', JSON.stringify(forged));
    await eventually(async () =>
      expect((await refusals()).slice(already)).toEqual([
        { partner: 'ylf', code: 'identity/foreign-source' },
      ]),
    );
    await expect(found(forged.id)).rejects.toThrow('404');
  });

  it('keeps how far it has read in the ledger, in the transaction of accept', async () => {
    const measure = aMeasure();
    await put('salus', JSON.stringify(measure));
    const receipt = await eventually(() => hub.as('salus').send(measure));
    const { rows } = await hub.db.query<{ next_offset: string }>(
      'select next_offset from intake_offset where topic = $1 and partition = 0',
      [topics.intake('salus')],
    );
    expect(Number(rows[0]?.next_offset)).toBeGreaterThan(0);
    expect(await hub.as('salus').follow(receipt.messageId)).toMatchObject({ type: measure.type });
  });
});
