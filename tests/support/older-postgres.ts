import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);

/** Where Debian puts the oldest PostgreSQL that the hub takes; undefined where there is none. */
export function olderPostgres(): string | undefined {
  return ['15', '16', '17']
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(join(folder, 'postgres')));
}

/** A cluster of these binaries; it goes with this process, however that ends. */
export async function startOlderPostgres(bin: string): Promise<{ url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'alliance-older-postgres-'));
  chmodSync(home, 0o711);
  const data = join(home, 'data');
  mkdirSync(data);
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
  if (owner) chownSync(data, owner.uid, owner.gid);
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8'], {
    ...owner,
    cwd: data,
    env,
  });
  const port = await freePort();
  const settings = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const watched = spawn(
    'sh',
    ['-c', '"$@" & cat; kill -INT $!; wait $!', 'sh', join(bin, 'postgres'), '-D', data, ...settings],
    { ...owner, cwd: data, env, stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  const ended = once(watched, 'exit');
  return {
    url: `postgres://hub@127.0.0.1:${port}/postgres`,
    stop: async () => {
      watched.stdin.end();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const idOf = async (flag: string) => Number((await run('id', [flag, user])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}
