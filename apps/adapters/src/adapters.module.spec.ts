import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { randomUUID } from 'node:crypto';
import { topics, type Band, type Fact, type OutcomeFact, type Partner, type Work } from '#contracts';
import { createLocalWire, PassErrors, type HandlerExtras } from '#wire';
import { eventually } from '../../../tests/support/eventually.js';
import { startFakePartner, type FakePartner } from '../../../tests/support/fake-partner.js';
import { adapterTopics, AdaptersModule } from './adapters.module.js';

let told: Fact[] = [];
const FACTS: HandlerExtras = { carriage: 'at-least-once', mode: 'batch' };

@Controller()
class Hub {
  @EventPattern<string>(topics.outcomes, FACTS)
  read(@Payload() facts: Fact[]): void {
    told.push(...facts);
  }
}

let salus: FakePartner;
let nkm: FakePartner;
let app: INestMicroservice;
let logged: { fields: object; message: string }[];
let local: ReturnType<typeof createLocalWire>;
let partners: Partner[];

beforeEach(async () => {
  local = createLocalWire();
  told = [];
  logged = [];
  salus = await startFakePartner({ style: 'http', idempotent: true });
  nkm = await startFakePartner({ style: 'webhook', idempotent: true });
  partners = [
    aPartner('salus', salus.url),
    aPartner('nkm', nkm.url),
    { ...aPartner('ylf', ''), channel: 'inbox' },
  ];
});
afterEach(async () => {
  await app.close();
  await Promise.all([salus.close(), nkm.close()]);
});

async function boot(): Promise<void> {
  const { wire, strategy } = local;
  const credentials = (): { webhookSecrets: string[]; apiKey: string } => ({
    webhookSecrets: ['whsec_c2VjcmV0'],
    apiKey: 'k',
  });
  const log = { error: (fields: object, message: string): unknown => logged.push({ fields, message }) };

  @Module({ imports: [AdaptersModule.register({ partners, wire, credentials, log })], controllers: [Hub] })
  class App {}
  app = await NestFactory.createMicroservice(App, {
    strategy: strategy({
      topics: [topics.outcomes, ...adapterTopics(partners)],
      onHandlerError: (topic, error) => logged.push({ fields: { error }, message: topic }),
    }),
    logger: false,
  });
  app.useGlobalFilters(new PassErrors());
  await app.listen();
}

describe('the adapters in one process', () => {
  it('carry ordinary and urgent work to the partner it is for, and tell the hub', async () => {
    await boot();
    const work = [aWork('salus', 'normal'), aWork('salus', 'urgent'), aWork('nkm', 'bulk')];
    await local.wire.sendWork(work);
    await eventually(() => expect(told).toHaveLength(3));
    expect(told.map((fact) => (fact as OutcomeFact).outcome.code)).toEqual(Array(3).fill('acknowledged'));
    expect(salus.received.map((one) => one.deliveryid).sort()).toEqual(
      [work[0], work[1]].map((one) => one?.deliveryId ?? '').sort(),
    );
    expect(nkm.received.map((one) => one.deliveryid)).toEqual([work[2]?.deliveryId]);
    expect(logged).toEqual([]);
  });

  it('tell of a defect without a word of the message', async () => {
    await boot();
    const broken = { ...aWork('nkm', 'normal'), message: undefined } as unknown as Work;
    await local.wire.sendWork([broken]);
    await eventually(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ outcome: { class: 'defect', code: 'adapter-error' } });
    expect(logged).toMatchObject([
      { fields: { partner: 'nkm', deliveryId: broken.deliveryId }, message: 'adapter failed' },
    ]);
    expect(Object.keys(logged[0]?.fields ?? {})).not.toContain('message');
  });
});

function aPartner(id: string, url: string): Partner {
  return { id, url, channel: 'http', idempotent: true, window: 8, urgentWindow: 2 } as Partner;
}

function aWork(partner: string, band: Band): Work {
  const deliveryId = randomUUID();
  return {
    deliveryId,
    messageId: randomUUID(),
    partner,
    band,
    attemptId: randomUUID(),
    attempt: 1,
    notAfter: new Date(Date.now() + 60_000).toISOString(),
    timeoutMs: 5000,
    message: { id: 'm', deliveryid: deliveryId, data: {} } as unknown as Work['message'],
  };
}
