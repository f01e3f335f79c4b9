import { existsSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Before the first test: one PostgreSQL for the run, unless TEST_DATABASE_URL names one. Node reads the TypeScript of
 * `postgres.ts` by itself here, for Jest does not transform what this file imports.
 */
export default async function startCluster() {
  if (process.env.TEST_DATABASE_URL) return;
  const { startEmbeddedPostgres } = await import('../../apps/hub/src/platform/postgres.ts');
  const folder = resolve(import.meta.dirname, '../../.cache/test-postgres');
  await sweep(folder, startEmbeddedPostgres);
  const home = resolve(folder, String(process.pid));
  const cluster = await startEmbeddedPostgres({ dataDir: resolve(home, 'data') });
  process.env.TEST_DATABASE_URL = cluster.url;
  globalThis.stopTestCluster = async () => {
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  };
}

/** Stops and removes what runs that were killed have left. */
async function sweep(folder, startEmbeddedPostgres) {
  const runs = existsSync(folder) ? readdirSync(folder) : [];
  for (const pid of runs.filter((name) => !isAlive(Number(name)))) {
    const dataDir = resolve(folder, pid, 'data');
    if (existsSync(resolve(dataDir, 'postmaster.pid'))) {
      await startEmbeddedPostgres({ dataDir }).then((left) => left.stop());
    }
    rmSync(resolve(folder, pid), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
