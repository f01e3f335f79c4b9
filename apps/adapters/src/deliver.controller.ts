import { Controller, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { topics, type Work } from '#contracts';
import type { HandlerExtras } from '#wire';

/** The topics of one partner's work: urgent has its own, consumed apart. */
export const workTopics = (partner: string): string[] => [
  topics.deliver(partner, 'normal'),
  topics.deliver(partner, 'urgent'),
];

const CARRIAGE: HandlerExtras = { carriage: 'at-most-once', mode: 'each' };

/** A controller for one partner's work; Nest wants a class per partner, since the topics stand in its decorator. */
export function deliverController(partner: string, run: (work: Work) => Promise<void>): Type {
  @Controller()
  class DeliverController {
    @EventPattern<string[]>(workTopics(partner), CARRIAGE)
    deliver(@Payload() work: Work): Promise<void> {
      return run(work);
    }
  }
  Object.defineProperty(DeliverController, 'name', { value: `DeliverController(${partner})` });
  return DeliverController;
}
