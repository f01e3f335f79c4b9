import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { pino } from 'pino';
import 'reflect-metadata';
import { loadAlliance, PARTITIONS, topics, type Partner } from '#contracts';
import { createKafkaWire, PassErrors } from '#wire';
import { adapterTopics, AdaptersModule } from './adapters.module.js';
import { servedPartners } from './adapters.js';
import { loadCredentials } from './credentials.js';
import { pickedUpPartners } from './pickups.js';
import { readAdapterSettings } from './settings.js';

const command = new Command('adapters')
  .description(
    'Carries messages from the hub, over Kafka, to the partners and tells the hub how each attempt ended.',
  )
  .option('--only <partners>', 'carry to these partners alone, separated by commas: --only nelft,salus')
  .addHelpText(
    'after',
    `
Run as many of these as you like, with the same partners or with different ones; each partner needs at least one.

Settings:
  KAFKA_BROKERS                 host:port, separated by commas (KAFKA_SSL=1 and KAFKA_SASL_* where the brokers ask)
  HUB_CONFIG                    folder with partners.json (config)
  PARTNER_<ID>_URL              where a partner listens, in place of its entry in partners.json
  PARTNER_<ID>_API_KEY          what we show that partner; or apiKey in <HUB_DATA>/credentials.json
  PARTNER_<ID>_WEBHOOK_SECRET   what we sign with; during a rotation the new and the old, with a space between
  HUB_URL                       where the hub is, for partners whose files or mailboxes we fetch
  PARTNER_<ID>_PICKUP_URL       where we fetch them, in place of its entry in partners.json
  LOG_LEVEL                     info

Example:
  KAFKA_BROKERS=127.0.0.1:9092 npm run adapters -- --only nelft`,
  )
  .showHelpAfterError('(adapters --help tells what there is)')
  .action(run);

async function run({ only }: { only?: string }): Promise<void> {
  const settings = readAdapterSettings();
  const partners = chosen(servedPartners(loadAlliance(settings.configDir).partners), only);
  const fetched = pickedUpPartners(partners).map(({ id }) => id);
  if (fetched.length > 0 && settings.hubUrl === undefined)
    throw new Error(
      `HUB_URL must say where the hub is: what ${fetched.join(', ')} leave is handed in there.`,
    );
  const log = pino({ level: settings.logLevel, base: { process: 'adapters' } });
  const read = adapterTopics(partners);
  const { wire, strategy } = createKafkaWire({
    ...settings.kafka,
    clientId: 'alliance-adapters',
    ensureTopics: [topics.outcomes, ...read].map((topic) => ({ topic, partitions: PARTITIONS })),
  });
  const credentials = loadCredentials(settings.credentialsFile);
  const app = await NestFactory.createMicroservice(
    AdaptersModule.register({
      partners,
      wire,
      credentials,
      log,
      ...(settings.hubUrl && { hubUrl: settings.hubUrl }),
    }),
    {
      strategy: strategy({
        topics: read,
        onHandlerError: (topic, error) => log.error({ topic, error: nameOf(error) }, 'reading work failed'),
      }),
      logger: ['error', 'warn'],
      abortOnError: false,
    },
  );
  app.useGlobalFilters(new PassErrors());
  // Without a broker it waits for one, and can be stopped meanwhile.
  const stopped = stopAsked();
  const ready = await Promise.race([app.listen().then(() => true), stopped.then(() => false)]);
  if (ready) console.log(`adapters ready: ${partners.map(({ id }) => id).join(', ')}`);
  await stopped;
  // First what runs ends and its outcome is out, then the way out closes.
  await app.close();
  await wire.close();
}

/** The partners that `--only` names, or all. */
function chosen(partners: Partner[], only: string | undefined): Partner[] {
  if (only === undefined) return partners;
  const ids = only.split(',').map((id) => id.trim());
  const unknown = ids.filter((id) => !partners.some((partner) => partner.id === id));
  if (unknown.length > 0) {
    const known = partners.map(({ id }) => id).join(', ');
    throw new Error(
      `--only: no partner with an endpoint is called ${unknown.join(', ')}; there are ${known}.`,
    );
  }
  return partners.filter(({ id }) => ids.includes(id));
}

const stopAsked = (): Promise<void> =>
  new Promise((resolve) => {
    // A Ctrl-C under npm comes twice, from the terminal and from npm; the second must not cut the stop short.
    process.on('SIGTERM', () => resolve()).on('SIGINT', () => resolve());
  });

/** An error's text may quote a payload. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

command.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  // What has been opened by then, a connection to a broker perhaps, would keep the process alive.
  process.exit(1);
});
