import { expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#contracts';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStation } from '../support/party.js';

const samples = readdirSync(join(projectRoot(), 'samples')).filter((name) => name.endsWith('.json'));

await onBothWires(
  'when a sample is sent',
  { inboxes: ['ylf', 'barratt', 'referrers'], decideAfterMs: 20 },
  (hub) => {
    it.each(samples)('%s ends at origin.informed without a hand’s help', async (sample) => {
      const sent = await hub.cli('send', join(projectRoot(), 'samples', sample), '--json');
      expect(sent).toMatchObject({ code: 0, err: '' });
      const { messageId } = JSON.parse(sent.out) as { messageId: string };
      await untilStation(hub.as('ops'), messageId, 'origin.informed', 20_000);
      const traced = await hub.cli('trace', messageId);
      expect(traced.code).toBe(0);
      for (const station of ['hub.received', 'hub.accepted', 'hub.routed', 'origin.informed'])
        expect(traced.out).toContain(station);
    });

    it('leaves a ledger of which every invariant holds', async () => {
      expect(await hub.cli('check')).toMatchObject({ code: 0, err: '' });
    });
  },
);
