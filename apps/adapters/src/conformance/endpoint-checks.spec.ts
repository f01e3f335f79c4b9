import { expect, it } from '@jest/globals';
import { loadContracts, type Outcome, type Partner } from '#contracts';
import type { Adapter } from '../adapter.js';
import { examplesOf } from './copies.js';
import { ENDPOINT_CHECKS } from './endpoint-checks.js';

const contracts = loadContracts();

it('goes on with the other types when an acknowledgement cannot be looked for', async () => {
  const proof = ENDPOINT_CHECKS.find(({ id }) => id === 'proof');
  const handedOver: Outcome = { class: 'handed-over', arrived: 'yes', code: 'handed-over' };
  const adapter = { attempt: () => Promise.resolve(handedOver) } as unknown as Adapter;
  const asked: string[] = [];
  const found = await proof?.run({
    partner: { id: 'chums', channel: 'sftp', timeoutMs: 1_000 } as Partner,
    reads: examplesOf(contracts, ['intervention.requested.v1', 'handover.initiated.v1']),
    ...{ adapter, stranger: adapter, evidence: undefined, hub: undefined, decideWithinMs: 10 },
    acknowledgements: {
      of: (deliveryId) =>
        asked.push(deliveryId) === 1 ? Promise.reject(new Error('cut')) : Promise.resolve('taken'),
      close: () => Promise.resolve(),
    },
  });
  expect(asked).toHaveLength(2);
  expect(found).toEqual({
    result: 'failed',
    observed: 'intervention.requested: its acknowledgement could not be looked for (cut).',
  });
});
