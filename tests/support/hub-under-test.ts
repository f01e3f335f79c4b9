import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import {
  loadAlliance,
  PARTITIONS,
  projectRoot,
  topics,
  type Agreement,
  type Partner,
  type Policy,
  type RoleAssignment,
} from '#contracts';
import { createKafkaWire, createLocalWire, type KafkaSettings } from '#wire';
import { adapterTopics } from '../../apps/adapters/src/adapters.module.js';
import { run } from '../../apps/cli/src/program.js';
import { startHubApp, type HubApp } from '../../apps/hub/src/hub-app.js';
import { ensureDemoCredentials, type Credentials } from '../../apps/hub/src/platform/auth/credentials.js';
import { createLogger } from '../../apps/hub/src/platform/log.js';
import { readSettings } from '../../apps/hub/src/settings.js';
import type { Arrival } from '../../apps/simulators/src/endpoint.js';
import { isSimulated, type SimulatorName } from '../../apps/simulators/src/roster.js';
import { startSimulator, type Simulator } from '../../apps/simulators/src/simulator.js';
import { startAdapters } from '../../apps/start/src/start-alliance.js';
import { freshDatabase } from './database.js';
import { kafkaForTests, type KafkaForTests } from './kafka.js';
import { partyAt, type Party } from './party.js';
import { recomputeAll } from './recompute-all.js';
import { freePort } from './free-port.js';

export type WireName = 'local' | 'kafka';

/** The files of `config/` that a test may change before the hub reads them. */
export interface AllianceFiles {
  partners: Partner[];
  policy: Policy;
  roles: RoleAssignment[];
  agreements: Agreement[];
}

export interface HubOptions {
  wire: WireName;
  /** Needed for the Kafka wire. */
  kafka?: KafkaForTests;
  /** Endpoints that stand in for a simulator of the same name. */
  endpoints?: Partial<Record<SimulatorName, Place>>;
  /** Inbox partners that a simulator empties all the time; without one a test reads the inbox itself. */
  inboxes?: readonly SimulatorName[];
  /** How long simulators take to decide, in milliseconds; unless told they leave it to the test. */
  decideAfterMs?: number;
  /** Changes the copy of the configuration that this hub gets; its pauses are short already. */
  configure?: (files: AllianceFiles) => void;
  /** What the hub shows a partner, where the test plays that partner itself. */
  credentials?: Record<string, Partial<Credentials[string]>>;
}

/** A whole hub in this process: PostgreSQL, wire, adapters and the partners' side are real. */
export interface HubUnderTest {
  wire: WireName;
  url: string;
  /** Its `HUB_DATA`; its configuration is the folder `config` in it. */
  home: string;
  hub: HubApp['hub'];
  /** The ledger itself, for what no interface shows. */
  db: Pool;
  /** Settings of the Kafka wire, for a test that writes to a topic itself. */
  kafka?: KafkaSettings;
  /** The partners' side. */
  simulator(name: SimulatorName): Simulator;
  /** What has reached a simulator's endpoint, raw, in order. */
  arrivals(name: SimulatorName): Arrival[];
  /** A partner, or `ops`, over HTTP. */
  as(party: string): Party;
  /** The `hub` command; `out` and `err` are what it printed. */
  cli(...argv: string[]): Promise<{ code: number; out: string; err: string }>;
  /** Every line that the hub has logged, at level debug. */
  log: readonly string[];
  /** Moves the ledger's time forward by an interval of PostgreSQL's. */
  passTime(interval: string): Promise<void>;
  stop(): Promise<void>;
}

/** Long enough that a decision comes only when the test sends it. */
const NEVER_MS = 600_000;

/** Starts one; everything it opens is closed by `stop`, which fails when a connection to the ledger is left. */
export async function startHubUnderTest(options: HubOptions): Promise<HubUnderTest> {
  const home = mkdtempSync(join(tmpdir(), 'hub-under-test-'));
  const closers: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    const failed: unknown[] = [];
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failed.push(error);
      }
    }
    // Everything is closed first: what one of them found must leave nothing running.
    if (failed.length > 0) throw failed[0];
  };
  try {
    return await start(options, home, closers, stop);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

async function start(
  options: HubOptions,
  home: string,
  closers: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<HubUnderTest> {
  const database = await freshDatabase();
  closers.push(() => database.drop());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { partners } = loadAlliance();
  await ensureDemoCredentials(
    join(home, 'credentials.json'),
    partners.map(({ id }) => id),
  );
  const credentials = JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')) as Credentials;
  for (const [id, own] of Object.entries(options.credentials ?? {}))
    Object.assign(found(credentials[id], `Nobody is called ${id}.`), own);
  writeFileSync(join(home, 'credentials.json'), JSON.stringify(credentials));

  const simulators = new Map<SimulatorName, Simulator>();
  const arrivals = new Map<SimulatorName, Arrival[]>();
  const simulate = async (name: SimulatorName): Promise<Simulator> => {
    const seen: Arrival[] = [];
    const simulator = await startSimulator(name, {
      hubUrl: url,
      credentials: credentials[name] as NonNullable<Credentials[string]>,
      port: await freePort(),
      knobs: { decideAfterMs: options.decideAfterMs ?? NEVER_MS },
      onArrival: (arrival) => seen.push(arrival),
    });
    simulators.set(name, simulator);
    arrivals.set(name, seen);
    return simulator;
  };
  const places = new Map<string, Place>();
  for (const { id, url: configured } of partners)
    if (configured !== undefined && isSimulated(id))
      places.set(id, options.endpoints?.[id] ?? (await simulate(id)));
  // After the hub, so that its last outcomes still arrive.
  closers.push(() => Promise.all([...simulators.values()].map((simulator) => simulator.close())));

  writeConfig(join(home, 'config'), places, options.configure);
  const lines: string[] = [];
  const hubApp = await startHub({ home, port, databaseUrl: database.url, lines, closers }, options);
  for (const name of options.inboxes ?? []) await simulate(name);

  const parties = new Map<string, Party>();
  return {
    wire: options.wire,
    url,
    home,
    hub: hubApp.hub,
    db: database.pool,
    ...(hubApp.kafka && { kafka: hubApp.kafka }),
    simulator: (name) => found(simulators.get(name), `There is no simulator of ${name} here.`),
    arrivals: (name) => found(arrivals.get(name), `There is no simulator of ${name} here.`),
    as: (party) => {
      const known =
        parties.get(party) ?? partyAt(url, found(credentials[party], `Nobody is called ${party}.`));
      parties.set(party, known);
      return known;
    },
    cli: (...argv) => runCli(argv, { HUB_URL: url, HUB_DATA: home }),
    log: lines,
    passTime: async (interval) => {
      await database.pool.query('update ledger_clock set shift = shift + $1::interval', [interval]);
    },
    stop,
  };
}

async function startHub(
  parts: { home: string; port: number; databaseUrl: string; lines: string[]; closers: (() => unknown)[] },
  options: HubOptions,
): Promise<HubApp & { kafka?: KafkaSettings }> {
  const settings = readSettings({
    HUB_PORT: String(parts.port),
    HUB_DATA: parts.home,
    HUB_CONFIG: join(parts.home, 'config'),
    HUB_DEMO: '1',
    LOG_LEVEL: 'debug',
  });
  const { partners } = loadAlliance(settings.configDir);
  const kafka = options.wire === 'kafka' ? kafkaSettings(options.kafka, partners) : undefined;
  const { wire, strategy } = kafka ? createKafkaWire(kafka) : createLocalWire();
  const logger = createLogger('debug', {
    write: (line) => {
      parts.lines.push(line);
      if (process.env.TEST_LOG) process.stdout.write(line);
    },
  });
  const hubApp = await startHubApp({ settings, databaseUrl: parts.databaseUrl, wire, strategy, logger });
  const adapters: { close(): Promise<void> }[] = [];
  parts.closers.push(() => hubApp.stop(async () => adapters[0]?.close()));
  // Whatever a test sent: its routing can be made again from what is stored.
  parts.closers.push(() => recomputeAll(hubApp.hub));
  adapters.push(await startAdapters({ settings, partners, wire, strategy, logger, hubUrl: hubApp.url }));
  return { ...hubApp, ...(kafka && { kafka }) };
}

function kafkaSettings(kafka: KafkaForTests | undefined, partners: readonly Partner[]): KafkaSettings {
  if (!kafka) throw new Error('The Kafka wire needs a broker: pass what kafkaForTests() gave.');
  const own = partners.flatMap(({ id }) => [topics.intake(id), topics.receipts(id)]);
  return {
    brokers: kafka.brokers,
    prefix: kafka.prefix(),
    clientId: 'hub-under-test',
    ensureTopics: [topics.outcomes, topics.stations, ...adapterTopics(partners), ...own].map((topic) => ({
      topic,
      // One record after another where a test counts them; the wires' own suite shares topics out.
      partitions: Math.min(PARTITIONS, 2),
    })),
  };
}

/** The project's own configuration, with the partners where the test has them and pauses that a test can wait for. */
function writeConfig(
  folder: string,
  places: ReadonlyMap<string, Place>,
  configure: HubOptions['configure'],
): void {
  cpSync(join(projectRoot(), 'config'), folder, { recursive: true });
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const partnersFile = read('partners.json') as { partners: Partner[] };
  const policy = read('policy.json') as Policy;
  for (const partner of partnersFile.partners) {
    const place = places.get(partner.id);
    if (place === undefined) continue;
    partner.url = place.url;
    if (!partner.pickup) continue;
    // Who takes what it is sent there leaves there what it sends, unless it has a place of its own for that.
    if (partner.pickup.kind === partner.channel)
      Object.assign(partner.pickup, { url: placeAt(place.url, partner.pickup.url), everyMs: 100 });
    else if (place.pickupUrl) Object.assign(partner.pickup, { url: place.pickupUrl, everyMs: 100 });
    else delete partner.pickup;
  }
  for (const band of ['urgent', 'normal', 'bulk'] as const)
    Object.assign(policy.retry[band], { baseMs: 50, capMs: 200 });
  Object.assign(policy.gate, { baseMs: 200, capMs: 400 });
  const rolesFile = read('roles.json') as { roles: RoleAssignment[] };
  const agreementsFile = read('agreements.json') as { agreements: Agreement[] };
  configure?.({ ...partnersFile, ...rolesFile, ...agreementsFile, policy });
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write('partners.json', partnersFile);
  write('policy.json', policy);
  write('roles.json', rolesFile);
  write('agreements.json', agreementsFile);
}

/** Where a partner is, simulated or played by the test. */
type Place = Pick<Simulator, 'url' | 'pickupUrl'>;

/** The same folder, or mailbox, on the server that the test has. */
function placeAt(server: string, configured: string): string {
  if (!server.startsWith('sftp:')) return server;
  const place = new URL(server);
  place.pathname = new URL(configured).pathname;
  return place.href;
}

async function runCli(
  argv: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await run(argv, {
    env,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    stop: new AbortController().signal,
  });
  return { code, ...said };
}

function found<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new Error(otherwise);
  return value;
}

/**
 * Runs a suite on the local wire and, where a broker can be had, on Kafka; one hub for each. The hub stands when the
 * first test begins. Call it at the top of a file, with `await`.
 */
export async function onBothWires(
  title: string,
  options: Omit<HubOptions, 'wire' | 'kafka'>,
  suite: (hub: HubUnderTest) => void,
): Promise<void> {
  const kafka = await kafkaForTests();
  afterAll(() => kafka?.stop());
  // Groups take their time on two busy cores; a test that fails says so by `eventually`, long before.
  jest.setTimeout(60_000);
  for (const wire of ['local', 'kafka'] as const) {
    const describeIt = wire === 'local' || kafka ? describe : describe.skip;
    describeIt(`${title} (${wire} wire)`, () => {
      const hub = {} as HubUnderTest;
      beforeAll(async () => {
        Object.assign(hub, await startHubUnderTest({ ...options, wire, ...(kafka && { kafka }) }));
      });
      afterAll(() => hub.stop?.());
      suite(hub);
    });
  }
}
