import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BANDS, checkCodeListsKnown, loadAlliance, loadBatches, loadContracts, topics } from '#contracts';
import type { StrategyOptions, Wire } from '#wire';
import { HubModule } from './hub.module.js';
import { Hub } from './hub.js';
import { createHttpApp } from './platform/http.js';
import { createLogger, type Logger } from './platform/log.js';
import type { Metrics } from './platform/metrics.js';
import { contractSchemas, serveOpenApi } from './platform/openapi.js';
import { alertSender } from './platform/ops-webhook.js';
import { createPlatform } from './platform/platform.js';
import { createPool } from './platform/postgres.js';
import { safeError } from './platform/safe-error.js';
import type { Settings } from './settings.js';
import { beginRestore } from './store/after-restore.js';
import { readIntakeOffsets } from './store/intake-offsets.js';
import { migrate } from './store/migrate.js';
import { readFigures } from './store/read-figures.js';

export interface HubAppOptions {
  settings: Settings;
  databaseUrl: string;
  wire: Wire;
  strategy: (options: StrategyOptions) => CustomTransportStrategy;
  logger?: Logger;
  /** The ledger is a backup that was put back: see `takeUpRestored`. */
  restored?: boolean;
}

export interface HubApp {
  app: NestFastifyApplication;
  hub: Hub;
  /** Where it listens. */
  url: string;
  /** First nothing new is claimed or taken, then what runs ends. `drained` runs in between, while facts still flow. */
  stop(drained?: () => Promise<void>): Promise<void>;
}

/** The hub as one process runs it: ledger migrated, doors open, loops going. Throws one error that says what is wrong. */
export async function startHubApp(options: HubAppOptions): Promise<HubApp> {
  const { settings, databaseUrl, wire } = options;
  const logger = options.logger ?? createLogger(settings.logLevel);
  const { contracts, alliance, kinds } = loadConfiguration(settings);
  await migrate(databaseUrl);
  const platform = await createPlatform(settings, alliance, logger);
  const pool = createPool(databaseUrl, {
    max: settings.databasePool,
    applicationName: 'hub',
    statementTimeoutMs: 30_000,
  });
  const urgentPool = createPool(databaseUrl, {
    max: 2,
    applicationName: 'hub-urgent',
    statementTimeoutMs: 30_000,
  });
  const hub = new Hub({
    pool,
    urgentPool,
    databaseUrl,
    contracts,
    alliance,
    keys: platform.keys,
    rate: platform.rateLimit,
    wire,
    restoredTo: await beginRestore(pool, options.restored === true),
    metrics: platform.metrics,
    log: logger,
    sendAlert: alertSender(settings.opsWebhook, logger),
  });
  platform.readiness.add('ledger', async () => {
    await pool.query('select 1');
  });
  mirrorLedger(platform.metrics, hub);
  const app = await createHttpApp(HubModule.register(hub, platform, kinds), platform);
  app.connectMicroservice({ strategy: options.strategy(whatToRead(hub)) });
  serveOpenApi(app, contractSchemas(contracts));
  const stop: HubApp['stop'] = async (drained) => {
    await hub.stop();
    await drained?.();
    await app.close();
    await wire.close();
    await hub.close();
    await Promise.all([pool.end(), urgentPool.end()]);
  };
  try {
    await app.startAllMicroservices();
    await listen(app, settings);
    await hub.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { app, hub, url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), stop };
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Something listens on ${host}:${port} already: end it, or set HUB_PORT to another port.`,
      {
        cause: error,
      },
    );
  }
}

/** All that is data, checked before anything is opened. */
function loadConfiguration(settings: Settings) {
  const contracts = loadContracts();
  const alliance = loadAlliance(
    settings.configDir,
    process.env,
    contracts.all.map((contract) => `${contract.type}.v${contract.major}`),
  );
  checkCodeListsKnown(contracts.all, alliance.codeLists);
  return { contracts, alliance, kinds: loadBatches(settings.configDir, contracts, alliance.partners) };
}

/** The facts of adapters and, on Kafka, what partners give us by their topics. */
function whatToRead({ parts: { alliance, wire, log, pool } }: Hub): StrategyOptions {
  const intake = wire.kind === 'kafka' ? alliance.partners.map(({ id }) => topics.intake(id)) : [];
  return {
    topics: [topics.outcomes, ...intake],
    onHandlerError: (topic, error) =>
      log.error({ topic, err: safeError(error) }, 'records could not be handled; they come again'),
    startOffsets: (topic) => readIntakeOffsets(pool, topic),
  };
}

/** Gauges that are read from the ledger when somebody looks. */
function mirrorLedger(metrics: Metrics, hub: Hub): void {
  metrics.onScrape(async () => {
    const figures = await readFigures(hub.parts.pool);
    const band = (n: number): string => BANDS[n] ?? 'normal';
    metrics.deliveriesLive.reset();
    for (const row of figures.live)
      metrics.deliveriesLive.set({ partner: row.partner, band: band(row.band), state: row.state }, row.n);
    metrics.oldestReadySeconds.reset();
    for (const row of figures.oldestReady)
      metrics.oldestReadySeconds.set({ partner: row.partner, band: band(row.band) }, row.seconds);
    metrics.gates.reset();
    for (const row of figures.gates) metrics.gates.set({ partner: row.partner, state: row.state }, 1);
    metrics.oldestSnapshotSeconds.set(figures.oldestSnapshotSeconds);
  });
}
