import { resolve } from 'node:path';
import { projectRoot } from '#contracts';
import type { KafkaSettings } from '#wire';

/** What a process of adapters needs to know; `docs/running.md` lists the settings. */
export interface AdapterSettings {
  /** `KAFKA_BROKERS`, `KAFKA_SSL`, `KAFKA_SASL_*`. */
  kafka: Pick<KafkaSettings, 'brokers' | 'ssl' | 'sasl'>;
  /** `HUB_CONFIG`: the folder with `partners.json`. */
  configDir: string;
  /** `credentials.json` in `HUB_DATA`. */
  credentialsFile: string;
  /** `HUB_URL`: where the hub's doors are, for what is fetched from partners. */
  hubUrl?: string;
  /** `LOG_LEVEL`. */
  logLevel: string;
}

type Env = Record<string, string | undefined>;
type Sasl = NonNullable<KafkaSettings['sasl']>;
const MECHANISMS: readonly Sasl['mechanism'][] = ['plain', 'scram-sha-256', 'scram-sha-512'];

/** Reads the settings. Throws an Error that names every wrong one and what would be right. */
export function readAdapterSettings(env: Env = process.env): AdapterSettings {
  const problems: string[] = [];
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',').flatMap((one) => one.trim() || []);
  if (brokers.length === 0) {
    problems.push(
      'KAFKA_BROKERS must name the brokers (host:port, separated by commas). Without Kafka the adapters run inside the hub: npm start.',
    );
  }
  const { KAFKA_SSL: ssl = '0' } = env;
  if (ssl !== '0' && ssl !== '1') problems.push('KAFKA_SSL must be 0 or 1.');
  const sasl = readSasl(env, problems);
  const { HUB_URL: hubUrl } = env;
  if (hubUrl && !/^https?:$/.test(URL.parse(hubUrl)?.protocol ?? ''))
    problems.push('HUB_URL must be an http or https address.');
  if (problems.length > 0) throw new Error(problems.map((problem) => `- ${problem}`).join('\n'));
  return {
    kafka: { brokers, ssl: ssl === '1', ...(sasl && { sasl }) },
    configDir: resolve(projectRoot(), env['HUB_CONFIG'] || 'config'),
    credentialsFile: resolve(projectRoot(), env['HUB_DATA'] || '.data', 'credentials.json'),
    ...(hubUrl && { hubUrl }),
    logLevel: env['LOG_LEVEL'] || 'info',
  };
}

function readSasl(env: Env, problems: string[]): Sasl | undefined {
  const given = env['KAFKA_SASL_MECHANISM'];
  const username = env['KAFKA_SASL_USERNAME'];
  const password = env['KAFKA_SASL_PASSWORD'];
  if (!given && !username && !password) return undefined;
  const mechanism = MECHANISMS.find((one) => one === given);
  if (mechanism && username && password) return { mechanism, username, password };
  problems.push(
    `KAFKA_SASL_MECHANISM (${MECHANISMS.join(', ')}), KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together.`,
  );
  return undefined;
}
