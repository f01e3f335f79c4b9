import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: nobody takes a server's port while it is down. */
const LOWEST_PORT = 16_384;
const HIGHEST_PORT = 32_767;

/** Ports of 127.0.0.1 that nobody listens on, all different, to which a server can come back. */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port) {
  const server = createServer();
  return new Promise((answer) => {
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}

/** Whatever ends this process, even SIGKILL, closes a pipe, and with it goes the other process. */
export function killWithUs(pid) {
  const script = 'cat >/dev/null; kill -9 "$1"';
  const watcher = spawn('sh', ['-c', script, 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  watcher.stdin.unref();
  return watcher;
}
