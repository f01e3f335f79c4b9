import { NestFactory } from '@nestjs/core';
import { join } from 'node:path';
import { loadAlliance, PARTITIONS, topics, type Partner } from '#contracts';
import { createKafkaWire, createLocalWire, PassErrors, type StrategyOptions, type Wire } from '#wire';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { servedPartners } from '../../adapters/src/adapters.js';
import { AdaptersModule, adapterTopics } from '../../adapters/src/adapters.module.js';
import { loadCredentials } from '../../adapters/src/credentials.js';
import { startHubApp, type HubApp } from '../../hub/src/hub-app.js';
import { createLogger, nestLogger, type Logger } from '../../hub/src/platform/log.js';
import { startEmbeddedPostgres } from '../../hub/src/platform/postgres.js';
import { credentialsPath } from '../../hub/src/platform/platform.js';
import { readSettings, type Settings } from '../../hub/src/settings.js';
import { startSimulators } from './simulators.js';

export interface StartedAlliance {
  url: string;
  hub: HubApp['hub'];
  stop(): Promise<void>;
}

/** Everything in this process, but for the simulators, which are a child of it. */
export async function startAlliance(
  env: NodeJS.ProcessEnv,
  { restored = false } = {},
): Promise<StartedAlliance> {
  const settings = readSettings(env);
  const logger = createLogger(settings.logLevel);
  const embedded =
    settings.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: join(settings.dataDir, 'postgres') })
      : undefined;
  let hubApp: HubApp | undefined;
  let adapters: { close(): Promise<void> } | undefined;
  let simulators: { stop(): Promise<void> } | undefined;
  const stopHub = async (): Promise<void> => {
    await simulators?.stop();
    // The adapters end first, so that their last facts are still read.
    await hubApp?.stop(async () => adapters?.close());
  };
  const stop = async (): Promise<void> => {
    await stopHub();
    await embedded?.stop();
  };
  try {
    const { partners } = loadAlliance(settings.configDir, env);
    const { wire, strategy } = createWire(settings, partners);
    const databaseUrl = settings.databaseUrl ?? embedded?.url ?? '';
    hubApp = await startHubApp({ settings, databaseUrl, wire, strategy, logger, restored });
    // Before the adapters, which look at once for what partners have left; work waits for them on the wire.
    simulators = settings.demo ? await startSimulators(hubApp.url, settings.dataDir) : undefined;
    adapters = await startAdapters({ settings, partners, wire, strategy, logger, hubUrl: hubApp.url });
    return { url: hubApp.url, hub: hubApp.hub, stop };
  } catch (error) {
    await stopHub();
    // One that ran before us may be a running hub's, the very one that has our port: it is not ours to end.
    if (embedded?.adopted === false) await embedded.stop();
    throw error;
  }
}

function createWire(
  settings: Settings,
  partners: readonly Partner[],
): { wire: Wire; strategy: (options: StrategyOptions) => CustomTransportStrategy } {
  if (!settings.kafka) return createLocalWire();
  const all = [
    topics.outcomes,
    ...adapterTopics(partners),
    ...partners.flatMap(({ id }) => [topics.intake(id), topics.receipts(id)]),
  ];
  return createKafkaWire({
    ...settings.kafka,
    clientId: 'alliance-start',
    ensureTopics: all.map((topic) => ({ topic, partitions: PARTITIONS })),
  });
}

/** Every adapter of this process, on the wire that the hub has. */
export async function startAdapters(parts: {
  settings: Settings;
  partners: readonly Partner[];
  wire: Wire;
  strategy: (options: StrategyOptions) => CustomTransportStrategy;
  logger: Logger;
  /** Where what is fetched from partners is handed in. */
  hubUrl: string;
}): Promise<{ close(): Promise<void> }> {
  const partners = servedPartners(parts.partners);
  const credentials = loadCredentials(credentialsPath(parts.settings));
  const app = await NestFactory.createMicroservice(
    AdaptersModule.register({
      partners,
      wire: parts.wire,
      credentials,
      log: parts.logger,
      hubUrl: parts.hubUrl,
    }),
    {
      strategy: parts.strategy({
        topics: adapterTopics(partners),
        onHandlerError: (topic, error) =>
          parts.logger.error(
            { topic, error: error instanceof Error ? error.name : typeof error },
            'work could not be carried',
          ),
      }),
      logger: nestLogger(parts.logger),
      abortOnError: false,
    },
  );
  app.useGlobalFilters(new PassErrors());
  await app.listen();
  return app;
}
