import { expect, it } from '@jest/globals';
import { aStepUpToNelft } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates, type Receipt } from '../support/party.js';

interface DeadLetter {
  deliveryId: string;
  messageId: string;
  code: string;
  owner: string;
  dueAt: string;
  holds: number;
  actions: string[];
}

await onBothWires('when NELFT refuses a message', {}, (hub) => {
  const nkm = () => hub.as('nkm');

  /** One message that NELFT has refused, and one of the same child that waits for it. */
  async function aParkedHead(): Promise<{ head: Receipt; follower: Receipt; deliveryId: string }> {
    await hub.simulator('nelft').set({ refuse: true });
    const head = await nkm().send(aStepUpToNelft());
    await untilStates(nkm(), head.messageId, { nelft: 'parked' });
    await hub.simulator('nelft').set({ refuse: false });
    const follower = await nkm().send(aStepUpToNelft({ caseref: head.caseRef ?? '' }));
    return { head, follower, deliveryId: head.deliveries[0]?.id ?? '' };
  }
  const processed = () =>
    hub
      .simulator('nelft')
      .received()
      .filter((one) => one.processed > 0)
      .map(({ id }) => id);
  const letters = async () => {
    const { code, out } = await hub.cli('dead-letters', 'list', '--json');
    expect(code).toBe(0);
    return (JSON.parse(out) as { deadLetters: DeadLetter[] }).deadLetters;
  };
  const receiptsAtNkm = (messageId: string) =>
    hub
      .arrivals('nkm')
      .map(
        ({ body }) => JSON.parse(body) as { type: string; causationid?: string; data: { lines: object[] } },
      )
      .filter(({ type, causationid }) => type === 'mta.hub.receipt.v1' && causationid === messageId);

  it('parks it with an owner, a clock and the actions allowed; only its own child waits', async () => {
    const { head, follower, deliveryId } = await aParkedHead();
    const other = await nkm().send(aStepUpToNelft());
    await untilStates(nkm(), other.messageId, { nelft: 'acknowledged' });
    await untilStates(nkm(), follower.messageId, { nelft: 'queued' });

    const [letter] = (await letters()).filter((one) => one.messageId === head.messageId);
    expect(letter).toMatchObject({
      deliveryId,
      code: 'partner-refused/refused',
      holds: 1,
      actions: ['replay', 'redirect', 'discard', 'release'],
    });
    expect(letter?.owner).not.toBe('');
    expect(Date.parse(letter?.dueAt ?? '')).toBeGreaterThan(Date.now());
    const shown = await hub.cli('dead-letters', 'show', deliveryId);
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.out).toContain('partner-refused/refused');
    expect(shown.out).toContain('What to do:');
    const { rows } = await hub.db.query<{ kind: string }>('select kind from alert where delivery_id = $1', [
      deliveryId,
    ]);
    expect(rows).toEqual([{ kind: 'delivery.parked' }]);

    expect(
      await hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'NELFT has mended it'),
    ).toMatchObject({
      code: 0,
    });
    await untilStates(nkm(), head.messageId, { nelft: 'acknowledged' });
    await untilStates(nkm(), follower.messageId, { nelft: 'acknowledged' });
    expect(processed().filter((id) => [head.messageId, follower.messageId].includes(id))).toEqual([
      head.messageId,
      follower.messageId,
    ]);
    // The same delivery id each time, so that a recipient could tell.
    const arrivals = hub.arrivals('nelft').filter((one) => one.deliveryid === deliveryId);
    expect(arrivals).toHaveLength(2);
  });

  it('parks it again where a replay is refused again', async () => {
    const { head, deliveryId } = await aParkedHead();
    await hub.simulator('nelft').set({ refuse: true });
    await hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'try again');
    await eventually(() =>
      expect(hub.arrivals('nelft').filter((one) => one.deliveryid === deliveryId)).toHaveLength(2),
    );
    await untilStates(nkm(), head.messageId, { nelft: 'parked' });
    await hub.simulator('nelft').set({ refuse: false });
  });

  it('lets those behind it go on when a person releases them, and keeps it', async () => {
    const { head, follower, deliveryId } = await aParkedHead();
    expect(
      await hub.cli('dead-letters', 'release', deliveryId, '--reason', 'they do not depend'),
    ).toMatchObject({
      code: 0,
    });
    await untilStates(nkm(), follower.messageId, { nelft: 'acknowledged' });
    await untilStates(nkm(), head.messageId, { nelft: 'parked' });
    expect((await hub.cli('dead-letters', 'release', deliveryId, '--reason', 'once more')).code).not.toBe(0);
  });

  it('ends it when a person discards it: its followers go on and its origin is told', async () => {
    const { head, follower, deliveryId } = await aParkedHead();
    expect(await hub.cli('dead-letters', 'discard', deliveryId, '--reason', 'sent by mistake')).toMatchObject(
      {
        code: 0,
      },
    );
    await untilStates(nkm(), head.messageId, { nelft: 'discarded' });
    await untilStates(nkm(), follower.messageId, { nelft: 'acknowledged' });
    await eventually(() =>
      expect(receiptsAtNkm(head.messageId)).toMatchObject([
        { data: { complete: true, lines: [{ deliveryId, partner: 'nelft', state: 'discarded' }] } },
      ]),
    );
    const again = await hub.cli('dead-letters', 'replay', deliveryId, '--reason', 'too late');
    expect(again.code).not.toBe(0);
    expect((await letters()).map((one) => one.deliveryId)).not.toContain(deliveryId);
    const { rows } = await hub.db.query<{ action: string; detail: { reason: string } }>(
      "select action, detail from audit where subject = $1 and action like '%discard'",
      [deliveryId],
    );
    expect(rows).toEqual([{ action: 'dead-letter.discard', detail: { reason: 'sent by mistake' } }]);
  });

  it('acts for staff alone, with a reason, on what exists', async () => {
    const { deliveryId } = await aParkedHead();
    const path = `/v1/dead-letters/${deliveryId}/discard`;
    expect(await nkm().request('POST', path, { reason: 'not mine to say' })).toMatchObject({ status: 403 });
    expect(await hub.as('ops').request('POST', path, {})).toMatchObject({ status: 400 });
    const unknown = '/v1/dead-letters/00000000-0000-7000-8000-000000000000/replay';
    expect(await hub.as('ops').request('POST', unknown, { reason: 'try' })).toMatchObject({ status: 404 });
  });

  it('leaves a ledger of which every invariant holds', async () => {
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
