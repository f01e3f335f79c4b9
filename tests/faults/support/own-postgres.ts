import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../apps/hub/src/platform/postgres.js';
import { freePort } from '../../support/free-port.js';

const run = promisify(execFile);

/** A PostgreSQL that a test may stop, copy and put back. */
export interface OwnPostgres {
  /** The same before and after each stop. */
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** While it is stopped: keeps a copy of everything, in place of the one before. */
  copy(): Promise<void>;
  /** While it is stopped: everything as in the copy. */
  putBack(): Promise<void>;
  remove(): Promise<void>;
}

export async function ownPostgres(): Promise<OwnPostgres> {
  const home = mkdtempSync(join(tmpdir(), 'alliance-postgres-'));
  // As root, PostgreSQL runs as another user, who must get through to the data.
  chmodSync(home, 0o711);
  const [dataDir, copyDir] = [join(home, 'data'), join(home, 'copy')];
  let cluster: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, port: await freePort() });
  let watcher = killWithUs(cluster.pid);
  const { url, port } = cluster;
  const stop = async (): Promise<void> => {
    watcher.kill('SIGKILL');
    await cluster.stop();
  };
  const replace = async (from: string, to: string): Promise<void> => {
    rmSync(to, { recursive: true, force: true });
    // `-a` keeps the owner, without which PostgreSQL does not take the folder.
    await run('cp', ['-a', from, to]);
  };
  return {
    url,
    stop,
    start: async () => {
      cluster = await startEmbeddedPostgres({ dataDir, port });
      watcher = killWithUs(cluster.pid);
    },
    copy: () => replace(dataDir, copyDir),
    putBack: () => replace(copyDir, dataDir),
    remove: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A cluster outlives whoever started it; this one goes with the test run, however that ends. */
function killWithUs(pid: number): ChildProcess {
  const watcher = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own, or it would be ended together with us.
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
  return watcher;
}
