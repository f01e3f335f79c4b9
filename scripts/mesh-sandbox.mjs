import { execFile, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts, killWithUs } from './process.mjs';

const VERSION = '1.0.137';
const home = resolve(import.meta.dirname, '..', '.cache', 'mesh-sandbox');
const installed = resolve(home, `installed-${VERSION}`);
const run = promisify(execFile);

/** The mailboxes that the sandbox comes with, and their password. */
export const SANDBOX_MAILBOXES = ['X26ABC1', 'X26ABC2', 'X26ABC3'];
export const SANDBOX_PASSWORD = 'password';

/** Installs NHS England's sandbox of MESH once, with Python. Answers why it is not to be had, or nothing. */
export async function whyNoMeshSandbox() {
  if (existsSync(installed)) return undefined;
  try {
    rmSync(home, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', home]);
    await run(resolve(home, 'bin/pip'), ['install', '--quiet', `mesh-sandbox==${VERSION}`]);
    writeFileSync(installed, '');
    return undefined;
  } catch (error) {
    return error.code === 'ENOENT'
      ? 'python3 not found on PATH'
      : 'mesh-sandbox could not be installed with pip';
  }
}

/** Starts it on a free port of 127.0.0.1 with empty mailboxes. It ends with this process at the latest. */
export async function startMeshSandbox(sharedKey) {
  const [port] = await freePorts(1);
  const sandbox = spawn(
    resolve(home, 'bin/uvicorn'),
    ['mesh_sandbox.api:app', '--port', String(port), '--log-level', 'error'],
    {
      cwd: home,
      env: { ...process.env, STORE_MODE: 'memory', AUTH_MODE: 'full', SHARED_KEY: sharedKey },
      stdio: 'ignore',
    },
  );
  const watcher = killWithUs(sandbox.pid);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    watcher.kill('SIGKILL');
    if (sandbox.exitCode !== null || sandbox.signalCode !== null) return;
    const ended = new Promise((done) => sandbox.once('exit', done));
    sandbox.kill('SIGKILL');
    await ended;
  };
  try {
    await untilItAnswers(url, sandbox);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilItAnswers(url, sandbox) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (sandbox.exitCode !== null) throw new Error(`mesh-sandbox ended with code ${sandbox.exitCode}.`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(100);
  }
  throw new Error('mesh-sandbox did not answer within 30 seconds.');
}

if (process.argv[1] === import.meta.filename) {
  const why = await whyNoMeshSandbox();
  if (why) throw new Error(why);
  const { url, stop } = await startMeshSandbox('TestKey');
  console.log(
    `${url} (mailboxes ${SANDBOX_MAILBOXES.join(', ')}, password ${SANDBOX_PASSWORD}, key TestKey)`,
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop().then(() => process.exit(0)));
}
