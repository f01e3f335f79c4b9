import { resolve } from 'node:path';
import { projectRoot } from '#contracts';
import { parseHubKeys } from './platform/sealing.js';

/** Every setting of the hub, read once at boot from the environment. `docs/running.md` lists them. */
export interface Settings {
  /** Where the hub listens: `HUB_HOST`, `HUB_PORT` (0 takes a free port). */
  host: string;
  port: number;
  /** How others reach the hub, without a slash at the end: `HUB_URL`, else host and port. */
  publicUrl: string;
  /** Folder of the embedded database, the keys and the demo credentials: `HUB_DATA`. */
  dataDir: string;
  /** `DATABASE_URL`; absent: the embedded database. */
  databaseUrl?: string;
  /** Connections of this process at most: `DATABASE_POOL`. */
  databasePool: number;
  /** `KAFKA_BROKERS` and its fellows; absent: the local wire. */
  kafka?: { brokers: string[]; ssl: boolean; sasl?: KafkaSasl };
  /** `HUB_KEYS`, a JWK Set or the path of one; absent: made in `dataDir`. */
  keys?: string;
  /** `OIDC_ISSUERS`: outside issuers of tokens, beside the embedded one. */
  oidcIssuers: string[];
  /** `HUB_CONFIG`: folder of partners, roles, routes, agreements, policies, calendars. */
  configDir: string;
  /** `HUB_DEMO`: simulators, demo credentials and sample history. */
  demo: boolean;
  /** `LOG_LEVEL`, one of pino's. */
  logLevel: LogLevel;
  /** `OPS_WEBHOOK_URL`, `OPS_WEBHOOK_SECRET`: where a person is told. */
  opsWebhook?: { url: string; secret: string };
}

export interface KafkaSasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Names that begin with HUB_ and are known; another one is a slip of the pen. */
const HUB_NAMES = ['HUB_PORT', 'HUB_HOST', 'HUB_URL', 'HUB_DATA', 'HUB_KEYS', 'HUB_CONFIG', 'HUB_DEMO'];

/** All that is wrong with the settings, at once. */
export class WrongSettings extends Error {
  override readonly name = 'WrongSettings';
  constructor(readonly problems: string[]) {
    super(
      `${problems.length} setting(s) are wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

type Env = Record<string, string | undefined>;

/** Reads and checks all settings. Throws `WrongSettings` that names every wrong one and what would be right. */
export function readSettings(env: Env = process.env): Settings {
  const problems: string[] = [];
  const read = reader(env, problems);
  const host = read.text('HUB_HOST') ?? '127.0.0.1';
  const port = read.whole('HUB_PORT', 8080, 0, 65_535);
  const settings: Settings = {
    host,
    port,
    publicUrl: (read.url('HUB_URL', ['http:', 'https:']) ?? `http://${host}:${port}`).replace(/\/$/, ''),
    dataDir: resolve(projectRoot(), read.text('HUB_DATA') ?? '.data'),
    databaseUrl: read.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    databasePool: read.whole('DATABASE_POOL', 10, 2, 200),
    kafka: readKafka(read, problems),
    keys: readKeys(read, problems),
    oidcIssuers: read.list('OIDC_ISSUERS', ['http:', 'https:']),
    configDir: resolve(projectRoot(), read.text('HUB_CONFIG') ?? 'config'),
    demo: read.flag('HUB_DEMO', false),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    opsWebhook: readOpsWebhook(read, problems),
  };
  for (const name of Object.keys(env).filter((key) => key.startsWith('HUB_') && !HUB_NAMES.includes(key))) {
    problems.push(`${name} is not a setting: those of the hub are ${HUB_NAMES.join(', ')}.`);
  }
  if (problems.length > 0) throw new WrongSettings(problems);
  return settings;
}

type Reader = ReturnType<typeof reader>;

/** Reads one variable each; what is wrong goes to `problems`, never a value that may be a secret. */
function reader(env: Env, problems: string[]) {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const checkUrl = (name: string, value: string, schemes: string[]): string | undefined => {
    const scheme = URL.parse(value)?.protocol;
    if (scheme && schemes.includes(scheme)) return value;
    problems.push(`${name} must be a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`);
    return undefined;
  };
  return {
    text,
    whole(name: string, byDefault: number, least: number, most: number): number {
      const given = text(name) ?? String(byDefault);
      const value = /^\d+$/.test(given) ? Number(given) : NaN;
      if (value >= least && value <= most) return value;
      problems.push(`${name} must be a whole number from ${least} to ${most}, not "${given}".`);
      return byDefault;
    },
    flag(name: string, byDefault: boolean): boolean {
      const given = text(name);
      if (given === undefined) return byDefault;
      if (given !== '0' && given !== '1') problems.push(`${name} must be 0 or 1, not "${given}".`);
      return given === '1';
    },
    oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
      const given = text(name);
      const found = values.find((value) => value === given);
      if (given && !found) problems.push(`${name} must be one of ${values.join(', ')}, not "${given}".`);
      return found;
    },
    url(name: string, schemes: string[]): string | undefined {
      const given = text(name);
      return given === undefined ? undefined : checkUrl(name, given, schemes);
    },
    list(name: string, schemes: string[]): string[] {
      const given =
        text(name)
          ?.split(',')
          .map((part) => part.trim().replace(/\/$/, '')) ?? [];
      return given.filter((part) => checkUrl(name, part, schemes) !== undefined);
    },
  };
}

function readKafka(read: Reader, problems: string[]): Settings['kafka'] {
  const brokers =
    read
      .text('KAFKA_BROKERS')
      ?.split(',')
      .map((broker) => broker.trim()) ?? [];
  const ssl = read.flag('KAFKA_SSL', false);
  const mechanism = read.oneOf('KAFKA_SASL_MECHANISM', SASL_MECHANISMS);
  const username = read.text('KAFKA_SASL_USERNAME');
  const password = read.text('KAFKA_SASL_PASSWORD');
  for (const broker of brokers.filter((name) => !/^[^\s:/]+:\d{1,5}$/.test(name))) {
    problems.push(`KAFKA_BROKERS must be host:port, separated by commas; "${broker}" is not.`);
  }
  const sasl = [mechanism, username, password].filter(Boolean).length;
  if (sasl !== 0 && sasl !== 3) {
    problems.push(
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be given together, or none of them.',
    );
  }
  if (brokers.length === 0) {
    if (ssl || sasl > 0) problems.push('KAFKA_SSL and KAFKA_SASL_* need KAFKA_BROKERS.');
    return undefined;
  }
  return {
    brokers,
    ssl,
    ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
  };
}

/** The set itself is checked here; a path is read, and checked, when the keys are loaded. */
function readKeys(read: Reader, problems: string[]): string | undefined {
  const given = read.text('HUB_KEYS');
  if (!given?.startsWith('{')) return given;
  try {
    parseHubKeys(given);
  } catch (error) {
    problems.push(`HUB_KEYS: ${(error as Error).message}`);
  }
  return given;
}

function readOpsWebhook(read: Reader, problems: string[]): Settings['opsWebhook'] {
  const url = read.url('OPS_WEBHOOK_URL', ['http:', 'https:']);
  const secret = read.text('OPS_WEBHOOK_SECRET');
  if (secret && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)) {
    problems.push('OPS_WEBHOOK_SECRET must be whsec_ followed by at least 24 bytes in base64.');
  }
  if (url && !secret) problems.push('OPS_WEBHOOK_URL needs OPS_WEBHOOK_SECRET, for every alert is signed.');
  return url && secret ? { url, secret } : undefined;
}
