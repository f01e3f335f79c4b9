import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { HandlerExtras, Poison, WireContext } from './wire.js';

/** Most records handed to a `batch` handler at once. */
export const BATCH = 200;

/** A handler that has been proven fit for its topic. */
export interface TopicHandler {
  topic: string;
  carriage: HandlerExtras['carriage'];
  /** Resolves when the handler is done; rejects with whatever Nest made of its throw. */
  call(records: unknown, context: WireContext): Promise<void>;
}

/** The mode that goes with each carriage; nothing needs another pairing. */
const MODES: Record<HandlerExtras['carriage'], HandlerExtras['mode']> = {
  'at-most-once': 'each',
  'at-least-once': 'batch',
  'own-offsets': 'batch',
};

/**
 * Pairs every topic with its one handler. Throws one error that names everything wrong: a topic without a handler
 * would lose its records silently, a topic with two would handle them twice, and a handler of a topic that is not
 * read would wait for ever.
 */
export function checkHandlers(
  topics: readonly string[],
  handlers: ReadonlyMap<string, MessageHandler>,
): TopicHandler[] {
  const wrong = [
    ...[...handlers.keys()].filter((topic) => !topics.includes(topic)).map((t) => `${t}: is not read here`),
    ...topics.flatMap((topic) => faultsOf(topic, handlers.get(topic))),
  ];
  if (wrong.length > 0) throw new Error(`Each topic needs exactly one handler. ${wrong.join('; ')}.`);
  return topics.map((topic) => topicHandler(topic, handlers.get(topic)!));
}

function faultsOf(topic: string, handler: MessageHandler | undefined): string[] {
  if (!handler) return [`${topic}: has no handler`];
  if (handler.next) return [`${topic}: has two handlers or more`];
  const { carriage, mode } = (handler.extras ?? {}) as Partial<HandlerExtras>;
  if (carriage && mode && MODES[carriage] === mode) return [];
  return [`${topic}: extras { carriage: ${carriage}, mode: ${mode} } are none of ${JSON.stringify(MODES)}`];
}

function topicHandler(topic: string, handler: MessageHandler): TopicHandler {
  return {
    topic,
    carriage: (handler.extras as HandlerExtras).carriage,
    call: async (records, context) => {
      const result: unknown = await handler(records, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    },
  };
}

/** Milliseconds before a batch is tried for the `tries`-th time again: 100, doubling to 5,000. */
export function pauseBefore(tries: number): number {
  return Math.min(100 * 2 ** (tries - 1), 5_000);
}

/** A record that is no JSON object tells no handler anything. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands in for a record that is no JSON object. */
export function poisonAt(topic: string, partition: number, offset: number | string): Poison {
  return { poison: true, topic, partition, offset: `${offset}` };
}

/** The JSON object that a record holds, or nothing where it holds none. */
export function decode(value: Buffer | null): Record<string, unknown> | undefined {
  try {
    const decoded: unknown = JSON.parse(value?.toString() ?? '');
    return isRecord(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** The offset after this one. */
export function nextAfter(offset: string): string {
  return `${BigInt(offset) + 1n}`;
}
