import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { randomUUID } from 'node:crypto';
import type { Fact, MinimisedMessage, Work } from '#contracts';
import { PassErrors, type HandlerExtras, type StrategyOptions, type Wire, type WireContext } from '#wire';
import type { Server } from '@nestjs/microservices';

/** What both wires' factories have in common. */
export interface Wiring {
  wire: Wire;
  strategy: (options: StrategyOptions) => Server;
}

/** A handler of a test: an ordinary `@EventPattern` controller is made of it. */
export interface Handler {
  topic: string;
  extras: HandlerExtras;
  handle: (data: never, context: WireContext) => unknown;
}

export const eachWork = { carriage: 'at-most-once', mode: 'each' } as const;
export const eachFacts = { carriage: 'at-least-once', mode: 'batch' } as const;

/** A Nest microservice with one controller per handler, listening; `errors` gathers what `onHandlerError` was told. */
export async function startApp(
  wiring: Wiring,
  handlers: Handler[],
  options: Partial<StrategyOptions> = {},
): Promise<{ app: INestMicroservice; errors: Array<{ topic: string; error: unknown }> }> {
  const errors: Array<{ topic: string; error: unknown }> = [];
  const strategy = wiring.strategy({
    topics: [...new Set(handlers.map(({ topic }) => topic))],
    onHandlerError: (topic, error) => errors.push({ topic, error }),
    ...options,
  });
  const app = await NestFactory.createMicroservice(moduleOf(handlers), { strategy, logger: false });
  app.useGlobalFilters(new PassErrors());
  try {
    await app.listen();
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, errors };
}

function moduleOf(handlers: Handler[]): new () => object {
  const controllers = handlers.map(({ topic, extras, handle }) => {
    @Controller()
    class HandlerController {
      @EventPattern<string>(topic, extras)
      handle(@Payload() data: unknown, @Ctx() context: WireContext): unknown {
        return handle(data as never, context);
      }
    }
    return HandlerController;
  });
  @Module({ controllers })
  class HandlersModule {}
  return HandlersModule;
}

/** Work for an invented partner; nothing in it is personal. */
export function aWork(named: Partial<Work> = {}): Work {
  return {
    deliveryId: randomUUID(),
    messageId: randomUUID(),
    partner: 'salus',
    band: 'normal',
    attemptId: randomUUID(),
    attempt: 1,
    notAfter: '2999-01-01T00:00:00Z',
    timeoutMs: 1_000,
    message: { data: {} } as unknown as MinimisedMessage,
    ...named,
  };
}

const ref = (attemptId: string) => ({ deliveryId: `delivery of ${attemptId}`, attemptId, partner: 'salus' });
export const aReturned = (attemptId: string): Fact => ({ kind: 'returned', ...ref(attemptId) });
export const aStarted = (attemptId: string): Fact => ({ kind: 'started', ...ref(attemptId) });
export const anOutcome = (attemptId: string): Fact => ({
  kind: 'outcome',
  ...ref(attemptId),
  outcome: { class: 'delivered', arrived: 'yes', code: 'acknowledged' },
});

/** A promise with its handle outside. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
