import { Controller, UseFilters, type Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FAULTS, topics } from '#contracts';
import { PassErrors, type HandlerExtras, type RawRecord, type WireContext } from '#wire';
import { Hub } from '../hub.js';
import { TELEPHONE } from '../platform/problem.js';
import { safeError } from '../platform/safe-error.js';
import type { RecordAnswer } from './intake-batch.js';

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
      const place = { topic: context.topic, partition: context.partition };
      const answers = await this.hub.intakeRecords(
        partner,
        records.map(({ offset, text }) => ({ text, offset, ...place })),
      );
      await this.answer(partner, answers, place);
    }

    /**
     * The ledger has the batch and its offset; an answer that is lost now is given again when the sender sends the
     * message again, or asks for it over HTTP.
     */
    private async answer(
      partner: string,
      answers: readonly RecordAnswer[],
      place: { partition: number },
    ): Promise<void> {
      const { wire, log } = this.hub.parts;
      const records = answers.map((answer) => ({
        key: `${place.partition}/${answer.offset}`,
        value: { ...place, ...answerValue(answer) },
      }));
      await wire.publish(topics.receipts(partner), records).catch((error: unknown) => {
        log.warn(
          { partner, answers: answers.length, err: safeError(error) },
          'receipts could not be published',
        );
      });
    }
  }
  Reflect.defineMetadata('design:paramtypes', [Hub], IntakeTopicsController);
  return IntakeTopicsController;
}

/** The Receipt, or what was wrong in the words of the HTTP door's problem. */
function answerValue(answer: RecordAnswer): object {
  const { offset } = answer;
  if ('receipt' in answer) return { offset, receipt: JSON.parse(answer.receipt) as object };
  const { code, detail, violations } = answer.refused;
  return {
    offset,
    problem: {
      code,
      title: FAULTS[code].means,
      detail: detail ?? FAULTS[code].means,
      remedy: FAULTS[code].remedy,
      errors: violations.map(({ pointer, keyword, message }) => ({ pointer, keyword, detail: message })),
      telephone: TELEPHONE,
    },
  };
}
