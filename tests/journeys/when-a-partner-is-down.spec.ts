import { expect, it } from '@jest/globals';
import { aMeasure, aStepUpToNelft } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { stationsOf, untilStates } from '../support/party.js';

await onBothWires('when NELFT is down for a while', {}, (hub) => {
  const gate = async () => {
    const { rows } = await hub.db.query<{ state: string; reason: string | null; owner: string }>(
      "select state, reason, owner from gate where partner = 'nelft' and stream = 'ordinary'",
    );
    return rows[0];
  };

  it('rests its gate as one incident, and afterwards all arrives, each once, in order per child', async () => {
    const nelft = hub.simulator('nelft');
    await nelft.set({ down: true });
    const opening = [aStepUpToNelft(), aStepUpToNelft(), aStepUpToNelft()];
    const perChild = new Map<string, string[]>();
    for (const message of opening) {
      const first = await hub.as('nkm').send(message);
      perChild.set(first.caseRef ?? '', [first.messageId]);
    }
    for (let i = 0; i < 3; i += 1) {
      for (const [caseref, ids] of perChild) {
        ids.push((await hub.as('nkm').send(aStepUpToNelft({ caseref }))).messageId);
      }
    }
    await eventually(async () => expect(await gate()).toMatchObject({ state: 'resting', owner: 'ops' }));

    // Nothing else slows.
    const { messageId: other } = await hub.as('salus').send(aMeasure());
    await untilStates(hub.as('salus'), other, { nkm: 'acknowledged' });
    // Long enough for several rests: the outage is still one incident.
    await eventually(async () => {
      const { rows } = await hub.db.query<{ rests: number }>(
        "select rests from gate where partner = 'nelft' and stream = 'ordinary'",
      );
      expect(rows[0]?.rests).toBeGreaterThan(2);
    });
    const { rows: alerts } = await hub.db.query<{ kind: string }>(
      "select kind from alert where partner = 'nelft' or kind like 'delivery.%'",
    );
    expect(alerts).toEqual([{ kind: 'gate.resting' }]);
    expect((await hub.cli('dead-letters', 'list')).out).toBe('No dead letters.\n');

    await nelft.set({ down: false });
    const all = [...perChild.values()].flat();
    for (const messageId of all)
      await untilStates(hub.as('nkm'), messageId, { nelft: 'acknowledged' }, 30_000);
    expect(await gate()).toMatchObject({ state: 'open' });
    const received = nelft.received();
    expect(received.map(({ id }) => id).sort()).toEqual([...all].sort());
    expect(received.every(({ count, processed }) => count === 1 && processed === 1)).toBe(true);
    for (const [caseref, ids] of perChild)
      expect(received.filter((one) => one.caseref === caseref).map(({ id }) => id)).toEqual(ids);

    const [first] = all;
    const stations = stationsOf(await hub.as('ops').follow(first ?? ''));
    expect(stations.at(-1)).toBe('partner.received');
    expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
  });
});
