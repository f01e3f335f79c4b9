import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ensureDemoCredentials, type Credentials } from '../../apps/hub/src/platform/auth/credentials.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../apps/hub/src/platform/postgres.js';
import { OTHERS, writeBenchConfig } from './alliance.js';
import { openBlackHole, openSink, type Arrival, type Sink } from './sinks.js';

/** A process of the bench that listens. */
export interface Running {
  url: string;
  pid: number;
  /** From its start to its answer, in milliseconds, as it measured itself. */
  startMs: number;
  stop(): Promise<void>;
}

/** Everything that the figures share: a cluster of its own with durability on, sinks, a configuration, credentials. */
export class Stage {
  /** Told of every copy that arrives at the front door or at Salus. */
  onArrival: ((arrival: Arrival) => void) | undefined;
  private readonly running = new Set<Running>();

  private constructor(
    readonly folder: string,
    readonly postgres: EmbeddedPostgres,
    readonly sink: Sink,
    private readonly blackHole: { url: string; close(): void },
    private readonly credentials: Credentials,
  ) {}

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'));
    // The database runs as another user and must reach its folder.
    await chmod(folder, 0o755);
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') });
    let stage: Stage | undefined = undefined;
    const sink = await openSink((arrival) => stage?.onArrival?.(arrival));
    const blackHole = await openBlackHole();
    await mkdir(join(folder, 'data'));
    const ids = ['nkm', 'salus', 'ylf', 'referrers', 'nelft', ...OTHERS];
    const credentials = await ensureDemoCredentials(join(folder, 'data', 'credentials.json'), ids);
    stage = new Stage(folder, postgres, sink, blackHole, credentials);
    await writeBenchConfig(join(folder, 'config'), {
      nkm: sink.url,
      salus: `${sink.url}`,
      nelft: sink.url,
      other: (id) => (OTHERS.indexOf(id) < 3 ? blackHole.url : sink.url),
    });
    return stage;
  }

  /** A database of this name; made where there is none. */
  async database(name: string): Promise<string> {
    const url = this.postgres.url.replace(/\/hub$/, `/${name}`);
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (!rowCount) await client.query(`create database ${name}`);
    await client.end();
    return url;
  }

  /** A hub over this database, in a process of its own. */
  async startHub(databaseUrl: string, nodeArguments: string[] = []): Promise<Running> {
    return this.start('hub-process.js', nodeArguments, {
      DATABASE_URL: databaseUrl,
      HUB_DATA: join(this.folder, 'data'),
      HUB_CONFIG: join(this.folder, 'config'),
      HUB_PORT: '0',
      HUB_DEMO: '0',
    });
  }

  async startFloor(databaseUrl: string): Promise<Running> {
    return this.start('floor-process.js', [], { DATABASE_URL: databaseUrl });
  }

  /** An access token of the sender, good for fifteen minutes. */
  async token(hub: Running, partner: string): Promise<string> {
    const credential = this.credentials[partner];
    if (!credential) throw new Error(`${partner} has no credential.`);
    const response = await fetch(`${hub.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: credential.clientId,
        client_secret: credential.clientSecret,
      }),
    });
    const { access_token } = (await response.json()) as { access_token?: string };
    if (!access_token) throw new Error(`No token: the hub answered ${response.status}.`);
    return access_token;
  }

  async close(): Promise<void> {
    for (const one of this.running) await one.stop();
    this.sink.close();
    this.blackHole.close();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async start(file: string, nodeArguments: string[], env: Record<string, string>): Promise<Running> {
    const log = openSync(join(this.folder, `${file}.log`), 'a');
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      execArgv: nodeArguments,
      stdio: ['ignore', log, log, 'ipc'],
    });
    const said = await Promise.race([
      once(child, 'message').then(([message]) => message as { url: string; ms: number }),
      once(child, 'exit').then(() => {
        throw new Error(`${file} ended; its log is ${join(this.folder, `${file}.log`)}.`);
      }),
    ]);
    const running: Running = {
      url: said.url,
      pid: child.pid ?? 0,
      startMs: said.ms,
      stop: async () => {
        this.running.delete(running);
        await stopChild(child);
      },
    };
    this.running.add(running);
    return running;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(late);
}

/** `npm start` in a folder of its own; answers the seconds until it said that it is ready. */
export async function startToReady(dataDir: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../apps/start/src/main.js', import.meta.url))],
    {
      env: { ...process.env, HUB_DATA: dataDir, HUB_PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-4_000);
      if (/^ready http/m.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error('npm start ended before it was ready.')));
  });
  const seconds = (performance.now() - begun) / 1000;
  await stopChild(child);
  return seconds;
}
