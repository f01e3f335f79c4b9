import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { projectRoot } from '#contracts';

const READY_WITHIN_MS = 20_000;

/** The partners' side as a process of its own, so that nothing of it can lean on the hub's memory. */
export async function startSimulators(hubUrl: string, dataDir: string): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(projectRoot(), 'dist/apps/simulators/src/main.js')], {
    env: { ...process.env, HUB_URL: hubUrl, HUB_DATA: dataDir },
    // Over the channel the child notices that its parent is gone, however it went.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      if (line.startsWith('simulators ready')) resolve();
    });
    child.once('exit', () =>
      reject(
        new Error('The simulators did not start; the lines above say why. HUB_DEMO=0 starts without them.'),
      ),
    );
    setTimeout(() => reject(new Error('The simulators were not ready in time.')), READY_WITHIN_MS).unref();
  });
  try {
    await ready;
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
