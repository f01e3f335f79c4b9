import { topics, type Fact } from '#contracts';
import { decode } from './handlers.js';
import { kafkaClient, type KafkaSettings } from './kafka-client.js';

interface Span {
  partition: number;
  from: bigint;
  to: bigint;
}

/**
 * Reads the facts that came since a moment once more, up to where their topic ends now, in a group of its own beside the
 * ordinary reading. Answers whether the topic still had all of them; rejects when the broker or the handler fails.
 */
export async function rereadFacts(
  settings: KafkaSettings,
  since: Date,
  handle: (facts: readonly Fact[]) => Promise<void>,
): Promise<boolean> {
  const topic = (settings.prefix ?? '') + topics.outcomes;
  const groupId = `${topic}.reread`;
  const admin = kafkaClient(settings, 5).admin();
  await admin.connect();
  try {
    const begins = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
    const bounds = await admin.fetchTopicOffsets(topic);
    const spans = bounds.map(({ partition, high }): Span => {
      const begin = begins.find((one) => one.partition === partition);
      return { partition, from: BigInt(begin?.offset ?? high), to: BigInt(high) };
    });
    await readSpans(settings, topic, groupId, spans, handle);
    await admin.deleteGroups([groupId]).catch(() => undefined);
    // A topic that begins at its first record has lost none; else an older record than ours must be there.
    return spans.every(({ partition, from }) => {
      const first = BigInt(bounds.find((one) => one.partition === partition)?.low ?? 0);
      return first === 0n || from > first;
    });
  } finally {
    await admin.disconnect();
  }
}

async function readSpans(
  settings: KafkaSettings,
  topic: string,
  groupId: string,
  spans: readonly Span[],
  handle: (facts: readonly Fact[]) => Promise<void>,
): Promise<void> {
  const open = new Map(spans.filter(({ from, to }) => from < to).map((span) => [span.partition, span]));
  if (open.size === 0) return;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const consumer = kafkaClient(settings, 5).consumer({ groupId, allowAutoTopicCreation: false });
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages } }) => {
        const span = open.get(partition);
        if (!span) return;
        const ours = messages.filter(({ offset }) => BigInt(offset) >= span.from && BigInt(offset) < span.to);
        await handle(ours.flatMap(({ value }) => (decode(value) as Fact | undefined) ?? [])).catch(reject);
        if (BigInt(messages.at(-1)?.offset ?? -1) + 1n >= span.to) open.delete(partition);
        if (open.size === 0) resolve();
      },
    });
    for (const { partition, from } of open.values())
      consumer.seek({ topic, partition, offset: from.toString() });
    await ended;
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}
