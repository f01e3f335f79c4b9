import { setTimeout as sleep } from 'node:timers/promises';
import {
  Partitioners,
  type Admin,
  type Kafka,
  type Message,
  type Producer,
  type TopicMessages,
} from 'kafkajs';
import { topics, type Fact, type Work } from '#contracts';
import { pauseBefore } from './handlers.js';
import { kafkaClient, socketsThatTell, type KafkaSettings } from './kafka-client.js';
import { rereadFacts } from './reread-facts.js';
import { WireDown, type Wire } from './wire.js';

/** Most bytes sent in one request; a broker takes a record batch of 1 MiB unless it is told otherwise. */
const MOST_BYTES = 700_000;

/**
 * The sending side of Kafka. Nothing is repeated inside the client: a repeat after a lost answer would put work on
 * the topic twice, and twice at a partner. So a send ends within about five seconds, one way or the other.
 */
export class KafkaWire implements Wire {
  readonly kind = 'kafka';
  private readonly prefix: string;
  private readonly kafka: Kafka;
  private readonly producer: Producer;
  private readonly closing = new AbortController();
  private readonly watching: Promise<void>;
  private admin: Admin | undefined;
  private up = false;
  private partitions = 0;
  /** Topics that we made and that have not answered yet. */
  private readonly unproven = new Set<string>();
  /** Produce requests that have left this process. */
  private produced = 0;

  /** Connects in the background, for a hub accepts while Kafka is down; `isUp` tells when it is there. */
  constructor(private readonly settings: KafkaSettings) {
    this.prefix = settings.prefix ?? '';
    const sockets = socketsThatTell(() => (this.produced += 1));
    this.kafka = kafkaClient(settings, 0, sockets);
    this.producer = this.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.watching = this.watch();
  }

  async sendWork(work: readonly Work[]): Promise<void> {
    // The order within a lane is the ledger's: the key only spreads, and says nothing about a person.
    await this.sendAll(
      work.map((one) => this.message(topics.deliver(one.partner, one.band), one.deliveryId, one)),
    );
  }

  async sendFacts(facts: readonly Fact[]): Promise<void> {
    const messages = facts.map((fact) => this.factMessages(fact));
    // What has happened must be told; what is about to happen may as well not, and a mark is said again anyway.
    const mustArrive = facts.some(({ kind }) => kind === 'outcome' || kind === 'returned');
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.send(messages);
      } catch (error) {
        if (!mustArrive || this.closing.signal.aborted) throw error;
        await sleep(pauseBefore(tries), undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  async publish(topic: string, records: ReadonlyArray<{ key: string; value: object }>): Promise<void> {
    await this.sendAll(records.map(({ key, value }) => this.message(topic, key, value)));
  }

  isUp(): boolean {
    return this.up;
  }

  async factPartitions(): Promise<number> {
    if (this.partitions === 0) throw new WireDown('The broker has not been reached yet.');
    return this.partitions;
  }

  rereadFacts(since: Date, handle: (facts: readonly Fact[]) => Promise<void>): Promise<boolean> {
    return rereadFacts(this.settings, since, handle);
  }

  async endsOf(topic: string): Promise<ReadonlyMap<number, string>> {
    const admin = kafkaClient(this.settings, 5).admin();
    await admin.connect();
    try {
      const bounds = await admin.fetchTopicOffsets(this.prefix + topic);
      return new Map(
        bounds.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, high]),
      );
    } finally {
      await admin.disconnect();
    }
  }

  async close(): Promise<void> {
    this.up = false;
    this.closing.abort();
    await this.watching;
    await this.producer.disconnect();
  }

  private message(topic: string, key: string, value: object): TopicMessages {
    return { topic: this.prefix + topic, messages: [{ key, value: JSON.stringify(value) }] };
  }

  private factMessages(fact: Fact): TopicMessages {
    if (fact.kind !== 'mark') return this.message(topics.outcomes, fact.deliveryId, fact);
    const value = JSON.stringify(fact);
    const everywhere = Array.from({ length: this.partitions }, (_, partition): Message => ({
      partition,
      value,
    }));
    return { topic: this.prefix + topics.outcomes, messages: everywhere };
  }

  private async sendAll(messages: TopicMessages[]): Promise<void> {
    let taken = 0;
    for (const some of inRequests(messages)) {
      try {
        await this.send(some);
      } catch (error) {
        if (taken > 0)
          throw new Error(`Only ${taken} of ${messages.length} were taken for certain.`, { cause: error });
        throw error;
      }
      taken += some.length;
    }
  }

  private async send(topicMessages: TopicMessages[]): Promise<void> {
    if (!this.up) throw new WireDown('The broker cannot be reached; nothing was taken.');
    const before = this.produced;
    try {
      await this.producer.sendBatch({ acks: -1, timeout: 3_000, topicMessages });
    } catch (error) {
      this.up = false;
      if (this.produced === before) throw new WireDown('The broker cannot be reached; nothing was taken.');
      throw new Error('The broker did not confirm: some may have been taken.', { cause: error });
    }
  }

  /** Once a second: whether the broker answers, and how many partitions the facts have by now. */
  private async watch(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.probe();
        this.up = !signal.aborted;
      } catch {
        this.up = false;
        await this.forgetAdmin();
      }
      await sleep(1_000, undefined, { signal, ref: false }).catch(() => undefined);
    }
    await this.forgetAdmin();
  }

  private async probe(): Promise<void> {
    if (!this.admin) {
      this.admin = this.kafka.admin();
      await this.admin.connect();
      await this.ensureTopics(this.admin);
      await this.producer.connect();
    }
    const { topics: found } = await this.admin.fetchTopicMetadata({
      topics: [this.prefix + topics.outcomes],
    });
    this.partitions = found[0]?.partitions.length ?? 0;
  }

  private async ensureTopics(admin: Admin): Promise<void> {
    const there = new Set(await admin.listTopics());
    const missing = (this.settings.ensureTopics ?? [])
      .map(({ topic, partitions }) => ({ topic: this.prefix + topic, numPartitions: partitions }))
      .filter(({ topic }) => !there.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
    for (const { topic } of missing) this.unproven.add(topic);
    // A broker names itself leader of a new topic a moment before it takes records.
    for (const topic of this.unproven) {
      await admin.fetchTopicOffsets(topic);
      this.unproven.delete(topic);
    }
  }

  private async forgetAdmin(): Promise<void> {
    const admin = this.admin;
    this.admin = undefined;
    await admin?.disconnect().catch(() => undefined);
  }
}

/** Splits into requests of at most `MOST_BYTES` each; one larger message goes alone. */
function inRequests(all: TopicMessages[]): TopicMessages[][] {
  const requests: TopicMessages[][] = [];
  let room = 0;
  for (const one of all) {
    const bytes = Buffer.byteLength(one.messages[0]?.value ?? '');
    if (bytes > room) {
      requests.push([]);
      room = MOST_BYTES;
    }
    requests.at(-1)!.push(one);
    room -= bytes;
  }
  return requests;
}
