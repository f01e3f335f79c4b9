import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');
const READY_WITHIN_MS = 60_000;

/** A process of the hub's own, as it is started in production. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process says that it is ready; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** What it has written so far. */
  said(): string;
  /** SIGKILL: no handler runs, no buffer is written. */
  kill(): Promise<void>;
  /** SIGTERM, and the end of an orderly stop. */
  stop(): Promise<void>;
}

/** Starts `dist/apps/<main>`; it is ready when a line of its output matches. */
export function startChild(
  name: string,
  main: string,
  options: { args?: readonly string[]; env: Record<string, string>; ready: RegExp },
): Child {
  const file = resolve(ROOT, 'dist/apps', main);
  if (!existsSync(file)) throw new Error(`${file} is not there: run \`npm run build\` first.`);
  const process_ = spawn(process.execPath, [file, ...(options.args ?? [])], {
    env: { ...inherited(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = once(process_, 'exit');
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${name} was not ready in time:\n${said}`)),
      READY_WITHIN_MS,
    );
    late.unref();
    const hear = (text: string): void => {
      said = (said + text).slice(-200_000);
      if (process.env.FAULT_OUTPUT === '1') process.stderr.write(text.replace(/^/gm, `${name}| `));
      if (options.ready.test(said)) resolve();
    };
    process_.stdout.setEncoding('utf8').on('data', hear);
    process_.stderr.setEncoding('utf8').on('data', hear);
    void ended.then(() => reject(new Error(`${name} ended before it was ready:\n${said.slice(-4_000)}`)));
  });
  // Whoever kills it before it is ready does not wait for that.
  ready.catch(() => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (process_.exitCode === null && process_.signalCode === null) process_.kill(signal);
    await ended;
  };
  return {
    name,
    pid: process_.pid ?? 0,
    ready,
    said: () => said,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** The environment without what would be a setting of the hub. */
function inherited(): NodeJS.ProcessEnv {
  const setting = /^(HUB_|KAFKA_|DATABASE_|PARTNER_|OPS_WEBHOOK_|OIDC_|LOG_LEVEL)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !setting.test(name)));
}
