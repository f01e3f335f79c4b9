import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '#contracts';
import { kafkaClient, type KafkaSettings } from './kafka-client.js';

/** Members of a process that was killed are counted out after their session; nobody else may read meanwhile. */
const EMPTY_WITHIN_MS = 60_000;

/**
 * Moves the group that reads the facts back, so that they are read again from this moment on. Answers whether the topic
 * still has all of them. Throws when the broker cannot be reached or somebody goes on reading.
 */
export async function rereadFacts(settings: KafkaSettings, since: Date): Promise<boolean> {
  const topic = (settings.prefix ?? '') + topics.outcomes;
  const admin = kafkaClient(settings, 5).admin();
  await admin.connect();
  try {
    const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
    const ends = await admin.fetchTopicOffsets(topic);
    const until = Date.now() + EMPTY_WITHIN_MS;
    for (;;) {
      try {
        await admin.setOffsets({ groupId: topic, topic, partitions });
        break;
      } catch (error) {
        if (Date.now() > until) throw error;
      }
      await sleep(500);
    }
    // A topic that begins at its first record has lost none; else an older record than ours must be there.
    return partitions.every(({ partition, offset }) => {
      const first = BigInt(ends.find((end) => end.partition === partition)?.low ?? 0);
      return first === 0n || BigInt(offset) > first;
    });
  } finally {
    await admin.disconnect();
  }
}
