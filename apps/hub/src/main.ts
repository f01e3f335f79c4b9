import 'reflect-metadata';
import { PARTITIONS, topics } from '#contracts';
import { createKafkaWire } from '#wire';
import { loadAlliance } from '#contracts';
import { startHubApp } from './hub-app.js';
import { readSettings } from './settings.js';

/** One hub process on the Kafka wire; any number of them share a ledger. `npm start` runs everything in one process. */
async function main(): Promise<void> {
  const settings = readSettings();
  if (!settings.kafka)
    throw new Error(
      'KAFKA_BROKERS is not set. `npm run hub` is one process of several and meets its adapters on Kafka; `npm start` runs hub and adapters in one process without it.',
    );
  if (settings.databaseUrl === undefined)
    throw new Error(
      'DATABASE_URL is not set. Hub processes share one ledger, so it must be a PostgreSQL that outlives each of them.',
    );
  const { partners } = loadAlliance(settings.configDir);
  const { wire, strategy } = createKafkaWire({
    ...settings.kafka,
    clientId: 'alliance-hub',
    ensureTopics: [
      topics.outcomes,
      ...partners.flatMap(({ id }) => [
        topics.intake(id),
        topics.receipts(id),
        topics.deliver(id, 'normal'),
        topics.deliver(id, 'urgent'),
      ]),
    ].map((topic) => ({ topic, partitions: PARTITIONS })),
  });
  const started = await startHubApp({
    settings,
    databaseUrl: settings.databaseUrl,
    wire,
    strategy,
    restored: process.argv.includes('--restored'),
  });
  console.log(`ready ${started.url}`);
  await new Promise<void>((resolve) =>
    // A Ctrl-C under npm comes twice, from the terminal and from npm; the second must not cut the stop short.
    process.on('SIGTERM', () => resolve()).on('SIGINT', () => resolve()),
  );
  await started.stop();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
