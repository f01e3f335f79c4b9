import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { partnerOfSource, topics } from '#contracts';
import type { Moments } from './random.js';
import { mixedMessages } from './load.js';

/** Records on partners' intake topics, as the broker took them. */
export interface TopicLoad {
  /** `<source> <id>` of each record that the broker has taken. */
  readonly put: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Puts messages on the topics of their senders at a steady pace. The topics must be there. */
export async function startTopicLoad(
  brokers: readonly string[],
  random: Moments,
  perSecond: number,
): Promise<TopicLoad> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'partner', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
  await producer.connect();
  const nextMessage = mixedMessages(random, 'topic');
  const put = new Set<string>();
  let stopped = false;
  const working = (async () => {
    while (!stopped) {
      const { envelope } = nextMessage();
      const partner = partnerOfSource(envelope.source) ?? '';
      // The key stands for the child, so that the order of its messages is kept; here it is an invented one anyway.
      const message = { key: envelope.partnercaseref ?? '', value: JSON.stringify(envelope) };
      await producer.send({ topic: topics.intake(partner), acks: -1, messages: [message] });
      put.add(`${envelope.source} ${envelope.id}`);
      await sleep(1_000 / perSecond);
    }
  })();
  return {
    put,
    stop: async () => {
      stopped = true;
      await working;
      await producer.disconnect();
    },
  };
}
