import { describe, expect, it } from '@jest/globals';
import type { Fact } from '#contracts';
import type { ClaimedDelivery } from '../store/claim-deliveries.js';
import { dispatch, type DispatchTools } from './dispatch.js';

const claimed = [
  { deliveryId: 'd', attemptId: 'a', partner: 'salus', type: 'mta.outcome.measure.v1' },
] as unknown as ClaimedDelivery[];

describe('a ledger that goes away between claim and sending', () => {
  it('leaves no claim to be taken for an attempt that may have arrived', async () => {
    const facts: Fact[] = [];
    const sent: unknown[] = [];
    const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    const tools = {
      rules: { contracts: { get: () => ({}) }, bodies: { open: () => Promise.reject(down) } },
      wire: {
        sendFacts: async (some: readonly Fact[]) => void facts.push(...some),
        sendWork: async (work: unknown) => void sent.push(work),
      },
    } as unknown as DispatchTools;
    await expect(dispatch(tools, claimed)).rejects.toBe(down);
    expect(sent).toEqual([]);
    expect(facts).toEqual([{ kind: 'returned', deliveryId: 'd', attemptId: 'a', partner: 'salus' }]);
  });
});
