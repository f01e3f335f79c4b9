import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { join } from 'node:path';
import { loadAlliance } from '#contracts';
import { createBreaker } from '#channels/breaker.js';
import { createLocalWire, PassErrors } from '#wire';
import { deliverController, workTopics } from '../../apps/adapters/src/deliver.controller.js';
import { loadCredentials } from '../../apps/adapters/src/credentials.js';
import { nkmAdapter } from '../../apps/adapters/src/nkm/adapter.js';
import { salusAdapter } from '../../apps/adapters/src/salus/adapter.js';
import { runAttempt } from '../../apps/adapters/src/run-attempt.js';
import { startHubApp } from '../../apps/hub/src/hub-app.js';
import { createLogger, nestLogger } from '../../apps/hub/src/platform/log.js';
import { readSettings } from '../../apps/hub/src/settings.js';

/**
 * The hub as `npm start` composes it, in a process of its own: embedded adapters on the local wire. It differs only in
 * that every partner but North Kent Mind is carried to by an adapter of Salus's kind, so that the bench can have twenty.
 */
async function main(): Promise<void> {
  const begun = performance.now();
  const settings = readSettings();
  const logger = createLogger(settings.logLevel);
  const { wire, strategy } = createLocalWire();
  const started = await startHubApp({
    settings,
    databaseUrl: settings.databaseUrl ?? '',
    wire,
    strategy,
    logger,
  });
  const partners = loadAlliance(settings.configDir).partners.filter(({ channel }) => channel !== 'inbox');
  const credentials = loadCredentials(join(settings.dataDir, 'credentials.json'));
  const controllers = partners.map((partner) => {
    const at = { ...partner, url: partner.url ?? '' };
    const { webhookSecrets, apiKey } = credentials(partner.id);
    const adapter = partner.id === 'nkm' ? nkmAdapter(at, webhookSecrets) : salusAdapter(at, apiKey ?? '');
    const carrier = {
      adapter,
      breaker: createBreaker(partner.id, partner.window + partner.urgentWindow),
      wire,
      onDefect: (_work: unknown, error: unknown) => logger.error({ err: error }, 'adapter failed'),
    };
    return deliverController(partner.id, (work) => runAttempt(carrier, work));
  });
  class Adapters {}
  const adapters = await NestFactory.createMicroservice(
    { module: Adapters, controllers },
    {
      strategy: strategy({
        topics: partners.flatMap(({ id }) => workTopics(id)),
        onHandlerError: (topic, error) => logger.error({ topic, err: error }, 'work could not be carried'),
      }),
      logger: nestLogger(logger),
    },
  );
  adapters.useGlobalFilters(new PassErrors());
  await adapters.listen();
  process.send?.({ url: started.url, ms: performance.now() - begun });
  process.once('SIGTERM', () => {
    void started.stop(() => adapters.close()).then(() => process.exit(0));
  });
}

await main();
