import { expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { TopicConsumer } from './topic-consumer.js';

it('keeps nothing of the consumers that crashed, however long no broker is there', async () => {
  const crashed: unknown[] = [];
  const { promise: thrice, resolve } = Promise.withResolvers<void>();
  const reader = { assign: () => undefined, read: async () => undefined };
  const consumer = new TopicConsumer({ brokers: [] }, 'a.topic', reader, (error) => {
    if (crashed.push(error) === 3) resolve();
  });
  await thrice;
  const { signal } = (consumer as unknown as { stopping: AbortController }).stopping;
  // At most the pause before the next one.
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  await consumer.stop();
  expect(crashed).toHaveLength(3);
}, 10_000);
