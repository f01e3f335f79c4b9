import { Controller, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { topics, type Fact } from '#contracts';
import { PassErrors, isPoison, type HandlerExtras, type Poison, type WireContext } from '#wire';
import { Hub } from '../hub.js';

const extras: HandlerExtras = { carriage: 'at-least-once', mode: 'batch' };

/** What adapters tell of their attempts. Resolves after the ledger's commit; a throw brings the batch again. */
@UseFilters(PassErrors)
@Controller()
export class FactsController {
  constructor(private readonly hub: Hub) {}

  @EventPattern<string>(topics.outcomes, extras)
  async facts(@Payload() records: readonly (Fact | Poison)[], @Ctx() context: WireContext): Promise<void> {
    const facts = records.filter((record): record is Fact => !isPoison(record) && 'kind' in record);
    if (facts.length < records.length)
      this.hub.parts.log.error(
        { topic: context.topic, partition: context.partition, poison: records.length - facts.length },
        'records that are no facts were passed over',
      );
    await this.hub.facts(facts, context.partition);
  }
}
