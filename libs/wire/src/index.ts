/**
 * The wire between hub and adapters.
 *
 * ```ts
 * const { wire, strategy } = kafka ? createKafkaWire(kafka) : createLocalWire();
 * const app = await NestFactory.createMicroservice(Module, {
 *   strategy: strategy({ topics: [topics.outcomes], onHandlerError: (topic, error) => log(topic, error) }),
 * });
 * await app.listen(); // refuses unless each topic has exactly one handler
 *
 * // `<string>` keeps TypeScript from Nest's typed-events overload, which knows no context argument.
 * @EventPattern<string>(topics.deliver('salus', 'normal'), { carriage: 'at-most-once', mode: 'each' })
 * attempt(@Payload() work: Work, @Ctx() context: WireContext) { … }
 * ```
 */
import type { KafkaSettings } from './kafka-client.js';
import { KafkaStrategy } from './kafka-strategy.js';
import { KafkaWire } from './kafka-wire.js';
import { LocalBus } from './local-bus.js';
import { LocalStrategy } from './local-strategy.js';
import { LocalWire } from './local-wire.js';
import type { StrategyOptions } from './wire.js';

export * from './wire.js';
export { checkHandlers, type TopicHandler } from './handlers.js';
export { PassErrors } from './pass-errors.js';
export type { KafkaSettings };
export { KafkaStrategy, KafkaWire, LocalBus, LocalStrategy, LocalWire };

/**
 * The wire inside one process. Hub and adapters may share one strategy or have one each; stop the adapters' before
 * the hub's, so that their last facts are read.
 */
export function createLocalWire(): {
  bus: LocalBus;
  wire: LocalWire;
  strategy: (options: StrategyOptions) => LocalStrategy;
} {
  const bus = new LocalBus();
  return { bus, wire: new LocalWire(bus), strategy: (options) => new LocalStrategy(bus, options) };
}

/**
 * The wire over Kafka; needs no broker to start. Every process of hub and adapters makes one with the same settings;
 * `ensureTopics` must name every topic that is sent to or read.
 */
export function createKafkaWire(settings: KafkaSettings): {
  wire: KafkaWire;
  strategy: (options: StrategyOptions) => KafkaStrategy;
} {
  return { wire: new KafkaWire(settings), strategy: (options) => new KafkaStrategy(settings, options) };
}
