import { Kafka, logLevel, Partitioners, type Admin, type Producer } from 'kafkajs';
import type { KafkaSettings } from '#wire';

/** Kafka without the wire: what another party writes, and what the broker itself says. */
function client({ brokers }: KafkaSettings): Kafka {
  return new Kafka({ brokers, logLevel: logLevel.NOTHING });
}

/** Puts a value as it is on a topic; the first partition unless told. */
export async function putText(settings: KafkaSettings, topic: string, ...values: string[]): Promise<void> {
  const producer: Producer = client(settings).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const messages = values.map((value) => ({ value, partition: 0 }));
  await producer.send({ topic: (settings.prefix ?? '') + topic, messages });
  await producer.disconnect();
}

/** Per partition, the offset that the topic's group has committed (0 for none) and the one that comes next. */
export async function offsetsOf(
  settings: KafkaSettings,
  topic: string,
): Promise<Array<{ committed: bigint; end: bigint }>> {
  const name = (settings.prefix ?? '') + topic;
  const admin: Admin = client(settings).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(name);
  const [group] = await admin.fetchOffsets({ groupId: name, topics: [name] });
  await admin.disconnect();
  return ends
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, offset }) => {
      const committed = BigInt(group!.partitions.find((one) => one.partition === partition)?.offset ?? -1);
      return { committed: committed < 0n ? 0n : committed, end: BigInt(offset) };
    });
}

/** How many records of the topic have not been taken by its group. */
export async function lagOf(settings: KafkaSettings, topic: string): Promise<bigint> {
  const offsets = await offsetsOf(settings, topic);
  return offsets.reduce((lag, { committed, end }) => lag + end - committed, 0n);
}
