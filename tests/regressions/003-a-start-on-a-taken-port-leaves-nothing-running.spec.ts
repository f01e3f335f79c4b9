import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/hub/src/platform/postgres.js';
import { startAlliance } from '../../apps/start/src/start-alliance.js';

/** A cluster is made, started and stopped. */
const WITHIN_MS = 60_000;

let squatter: Server;
let home: string;
beforeEach(async () => {
  squatter = createServer();
  await new Promise<void>((done) => squatter.listen(0, '127.0.0.1', done));
  home = mkdtempSync(join(tmpdir(), 'alliance-start-'));
  // As root, PostgreSQL runs as another user, who must get through to the data.
  chmodSync(home, 0o711);
});
afterEach(async () => {
  await new Promise((done) => squatter.close(done));
  rmSync(home, { recursive: true, force: true });
});

it(
  'says which setting to change, and ends the database that it had started',
  async () => {
    await startInVain();
    expect(existsSync(join(home, 'postgres', 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(home, 'postgres', 'postmaster.pid'))).toBe(false);
  },
  WITHIN_MS,
);

it(
  'does not end the database of the hub that has the port',
  async () => {
    const running = await startEmbeddedPostgres({ dataDir: join(home, 'postgres') });
    try {
      await startInVain();
      expect(existsSync(join(home, 'postgres', 'postmaster.pid'))).toBe(true);
    } finally {
      await running.stop();
    }
  },
  WITHIN_MS,
);

async function startInVain(): Promise<void> {
  const { port } = squatter.address() as AddressInfo;
  const started = startAlliance({ HUB_DATA: home, HUB_PORT: String(port), LOG_LEVEL: 'fatal' });
  await expect(started).rejects.toThrow(`127.0.0.1:${port} already: end it, or set HUB_PORT`);
}
