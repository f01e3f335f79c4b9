import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { createPool } from '../../apps/hub/src/platform/postgres.js';
import { migrate } from '../../apps/hub/src/store/migrate.js';
import { eventually } from './eventually.js';

export interface FreshDatabase {
  url: string;
  pool: pg.Pool;
  /** Ends the pool and drops the database; throws when the test has left another connection open. */
  drop(): Promise<void>;
}

/** An empty ledger of its own, cloned in a moment from a template that was migrated once. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const template = `template_${migrationsHash()}`;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withAdmin(async (admin) => {
    await ensureTemplate(admin, template);
    await admin.query(`create database ${name} template ${template}`);
  });
  const url = urlFor(name);
  const pool = createPool(url, { max: 4, applicationName: 'test', statementTimeoutMs: 30_000 });
  return { url, pool, drop: () => dropDatabase(name, pool) };
}

function urlFor(database: string): string {
  const given = process.env.TEST_DATABASE_URL;
  if (!given)
    throw new Error('TEST_DATABASE_URL is not set: run by `npm run jest`, whose set-up starts one.');
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.href;
}

async function withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: urlFor('postgres') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Made under another name and renamed when whole, so that nobody clones half a ledger. */
async function ensureTemplate(admin: pg.Client, template: string): Promise<void> {
  await admin.query(`select pg_advisory_lock(hashtext('test-template'))`);
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const raw = `raw_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${raw}`);
    await migrate(urlFor(raw));
    await eventually(() => admin.query(`alter database ${raw} rename to ${template}`));
  } finally {
    await admin.query(`select pg_advisory_unlock(hashtext('test-template'))`);
  }
}

function migrationsHash(): string {
  const store = resolve(import.meta.dirname, '../../apps/hub/src/store');
  const folder = resolve(store, 'migrations');
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const hash = createHash('sha256');
  // The verbs' SQL functions stand beside the migrations that install them.
  const verbs = readdirSync(store).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  for (const file of [
    ...verbs.sort().map((name) => resolve(store, name)),
    ...files.map((name) => resolve(folder, name)),
  ]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function dropDatabase(name: string, pool: pg.Pool): Promise<void> {
  await pool.end();
  await withAdmin(async (admin) => {
    const leaked = await eventually(() => connectionsTo(admin, name), { within: 2_000 }).catch(
      (error: unknown) => error,
    );
    await admin.query(`drop database if exists ${name} with (force)`);
    if (leaked instanceof Error) throw leaked;
  });
}

async function connectionsTo(admin: pg.Client, name: string): Promise<void> {
  const { rows } = await admin.query<{ application_name: string }>(
    'select application_name from pg_stat_activity where datname = $1',
    [name],
  );
  if (rows.length > 0) {
    throw new Error(`The test left connections open: ${rows.map((row) => row.application_name).join(', ')}`);
  }
}
