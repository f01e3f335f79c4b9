/**
 * Starts the alliance as a newcomer does, with `npm start`, and uses it as the README says, on free ports and with an
 * empty folder for its data. The last line is `N passed, N failed`.
 */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './process.mjs';

const root = resolve(import.meta.dirname, '..');
const READY_WITHIN_MS = 60_000;
const INFORMED_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;

const home = mkdtempSync(join(tmpdir(), 'alliance-smoke-'));
// Under root the database runs as another user, who must get to its folder.
chmodSync(home, 0o711);
const env = await ownPlace();
const sum = { passed: 0, failed: 0 };
let said = '';
let lastSent = '';

const alliance = spawn('npm', ['start'], {
  cwd: root,
  env,
  stdio: ['ignore', 'pipe', 'pipe'],
  detached: true,
});
for (const stream of [alliance.stdout, alliance.stderr]) stream.on('data', (chunk) => (said += chunk));
const ended = new Promise((done) => alliance.once('exit', (code, signal) => done(code ?? signal)));
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void leave().then(() => process.exit(1)));

if (await check('npm start says ready', ready)) {
  await check('npx hub token salus prints a token', async () => {
    const token = (await hub('token', 'salus')).trim();
    if (token.split('.').length !== 3) throw new Error('It printed no token.');
  });
  const samples = readdirSync(join(root, 'samples')).filter((name) => name.endsWith('.json'));
  for (const sample of samples.sort())
    await check(`samples/${sample} informs its origin`, () => sendAndTrace(sample));
  await check('npx hub upload takes every row of a file', async () => {
    const file = ['samples/outcomes.barratt.csv', '--kind', 'outcomes', '--as', 'barratt'];
    const { rows, accepted } = JSON.parse(await hub('upload', ...file, '--json'));
    if (rows === 0 || accepted !== rows) throw new Error(`Of ${rows} rows it took ${accepted}.`);
  });
  await check('npx hub explain says why a message went where it went', async () => {
    const why = await hub('explain', lastSent);
    if (!why.includes('make the same decision again')) throw new Error(why);
  });
  await check('npx hub conformance salus finds nothing that fails', () =>
    hub('conformance', 'salus', '--report', join(home, 'reports')),
  );
  await check('npx hub check finds every invariant kept', () => hub('check'));
  await check('npx hub doctor finds nothing that fails', () => hub('doctor'));
  for (const [path, word] of [
    ['/docs', 'swagger'],
    ['/openapi.json', '/v1/messages'],
    ['/metrics', 'hub_'],
    ['/health/live', 'true'],
    ['/health/ready', 'true'],
  ])
    await check(`${path} answers`, () => answers(path, word));
  await check('SIGTERM ends it, and nothing of it goes on', stops);
}
if (sum.failed > 0) console.log(`\nWhat npm start said last:\n${said.slice(-8_000)}`);
await leave();
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed > 0 ? 1 : 0);

/** Settings under which nothing collides with a hub that runs on this machine already. */
async function ownPlace() {
  const { partners } = JSON.parse(readFileSync(join(root, 'config/partners.json'), 'utf8'));
  const places = partners.flatMap(({ id, url, pickup }) => {
    const name = id.toUpperCase().replaceAll('-', '_');
    return [...(url ? [[name, url]] : []), ...(pickup ? [[`${name}_PICKUP`, pickup.url]] : [])];
  });
  // Who takes and leaves things at one place has one port for both.
  const taken = [...new Set(places.map(([, url]) => new URL(url).port))];
  const [hubPort, control, ...free] = await freePorts(2 + taken.length);
  const settings = places.flatMap(([name, url]) => {
    const port = free[taken.indexOf(new URL(url).port)];
    return [
      [`SIM_PORT_${name}`, String(port)],
      [`PARTNER_${name}_URL`, Object.assign(new URL(url), { port }).href.replace(/\/$/, '')],
    ];
  });
  return {
    ...process.env,
    HUB_DATA: home,
    HUB_PORT: String(hubPort),
    HUB_URL: `http://127.0.0.1:${hubPort}`,
    SIM_PORT_CONTROL: String(control),
    ...Object.fromEntries(settings),
  };
}

async function check(name, work) {
  const begun = performance.now();
  try {
    await work();
    sum.passed += 1;
    console.log(`✓ ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    sum.failed += 1;
    console.log(`✗ ${name}\n  ${error.stdout ?? ''}${error.stderr ?? error.message}`);
    return false;
  }
}

async function ready() {
  await until(READY_WITHIN_MS, () => {
    if (alliance.exitCode !== null) throw new Error('It ended.');
    return said.includes(`ready ${env.HUB_URL}`);
  });
}

async function hub(...args) {
  const { stdout } = await promisify(execFile)('npx', ['hub', ...args], { cwd: root, env, timeout: 60_000 });
  return stdout;
}

async function sendAndTrace(sample) {
  const { messageId } = JSON.parse(await hub('send', `samples/${sample}`, '--json'));
  lastSent = messageId;
  let stations = [];
  await until(INFORMED_WITHIN_MS, async () => {
    const { timeline } = JSON.parse(await hub('trace', messageId, '--json'));
    stations = timeline.map(({ station }) => station);
    return stations.includes('origin.informed');
  }).catch((error) => {
    throw new Error(`${error.message} It passed ${stations.join(', ')}.`, { cause: error });
  });
}

async function answers(path, word) {
  const response = await fetch(`${env.HUB_URL}${path}`);
  const text = await response.text();
  if (!response.ok || !text.toLowerCase().includes(word))
    throw new Error(`HTTP ${response.status}, ${text.length} characters, "${word}" expected among them.`);
}

async function stops() {
  alliance.kill('SIGTERM');
  const how = await Promise.race([ended, pause(STOPPED_WITHIN_MS, 'still running')]);
  if (how === 'still running') throw new Error(`It still runs after ${STOPPED_WITHIN_MS / 1000} s.`);
  await until(5_000, () => !groupLives());
  await fetch(`${env.HUB_URL}/health/live`).then(
    () => Promise.reject(new Error('Something still answers at its address.')),
    () => {},
  );
}

function groupLives() {
  try {
    return process.kill(-alliance.pid, 0);
  } catch {
    return false;
  }
}

async function until(within, holds) {
  const giveUp = Date.now() + within;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error(`It did not come about within ${within / 1000} s.`);
    await pause(200);
  }
}

/** Asks first: the database stands outside the group and stops only in order. */
async function leave() {
  if (groupLives()) {
    process.kill(-alliance.pid, 'SIGTERM');
    await Promise.race([ended, pause(STOPPED_WITHIN_MS)]);
  }
  if (groupLives()) process.kill(-alliance.pid, 'SIGKILL');
  rmSync(home, { recursive: true, force: true });
}
