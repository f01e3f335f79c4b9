import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { EachBatchPayload } from 'kafkajs';
import { BatchReader } from './batch-reader.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('looks once a second at most while the ledger is away, ever less often, and goes on when it is back', async () => {
  let away = true;
  let looks = 0;
  const seen: string[] = [];
  const handler = {
    topic: 't',
    carriage: 'own-offsets' as const,
    call: async () => {
      looks += 1;
      if (away) throw new Error('invented outage');
    },
  };
  const reader = new BatchReader(
    handler,
    {
      topics: ['t'],
      onHandlerError: (topic) => void seen.push(topic),
      startOffsets: async () => new Map(),
    },
    new AbortController().signal,
  );
  let paused = false;
  const payload = {
    batch: { topic: 't', partition: 0, messages: [{ offset: '7', value: Buffer.from('{}') }] },
    commitOffsetsIfNecessary: async () => undefined,
    resolveOffset: (offset: string) => void seen.push(offset),
    heartbeat: async () => undefined,
    isRunning: () => true,
    pause: () => {
      paused = true;
      return () => void (paused = false);
    },
  } as unknown as EachBatchPayload;
  /** What the client does: it fetches again and again whatever is not paused. */
  const pass = async (seconds: number): Promise<void> => {
    for (let tenths = 0; tenths < seconds * 10; tenths += 1) {
      if (!paused) await reader.read(payload, () => undefined);
      await jest.advanceTimersByTimeAsync(100);
    }
  };
  await pass(3);
  expect(looks).toBe(3);
  await pass(57);
  expect(looks).toBeGreaterThan(8);
  expect(looks).toBeLessThan(20);
  expect(seen).toEqual(Array.from({ length: looks }, () => 't'));
  away = false;
  await pass(6);
  expect(seen.at(-1)).toBe('7');
  expect(jest.getTimerCount()).toBe(0);
});
