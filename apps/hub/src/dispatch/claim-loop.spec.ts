import { describe, expect, it } from '@jest/globals';
import { ClaimLoop, type ClaimLoopTools } from './claim-loop.js';

describe('a wake-up', () => {
  it('leads to another look for work however close it comes to the end of the last one', async () => {
    for (let steps = 0; steps < 12; steps += 1) {
      let looks = 0;
      const tools = {
        claim: async (_partner: string, stream: string) => {
          if (stream === 'ordinary') looks += 1;
          return { claimed: [], busy: false };
        },
        mayClaim: () => true,
      } as unknown as ClaimLoopTools;
      const loop = new ClaimLoop(tools);
      loop.wake('salus');
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      loop.wake('salus');
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      expect({ steps, looks }).toEqual({ steps, looks: 2 });
      await loop.stop();
    }
  });
});
