import { Controller, UseFilters, type Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { topics } from '#contracts';
import { PassErrors, type HandlerExtras, type RawRecord, type WireContext } from '#wire';
import { Hub } from '../hub.js';

const extras: HandlerExtras = { carriage: 'own-offsets', mode: 'batch' };

/** The Kafka door: a topic per partner, and the topic is the sender's identity. Offsets live in the ledger. */
export function intakeTopicsController(partners: readonly string[]): Type {
  const partnerOf = new Map(partners.map((partner) => [topics.intake(partner), partner]));

  @UseFilters(PassErrors)
  @Controller()
  class IntakeTopicsController {
    constructor(private readonly hub: Hub) {}

    @EventPattern<string[]>([...partnerOf.keys()], extras)
    async take(@Payload() records: readonly RawRecord[], @Ctx() context: WireContext): Promise<void> {
      const partner = partnerOf.get(context.topic);
      if (partner === undefined) throw new Error(`${context.topic} is no partner's intake topic.`);
      await this.hub.intakeRecords(
        partner,
        records.map(({ offset, text }) => ({
          text,
          offset,
          topic: context.topic,
          partition: context.partition,
        })),
      );
    }
  }
  Reflect.defineMetadata('design:paramtypes', [Hub], IntakeTopicsController);
  return IntakeTopicsController;
}
