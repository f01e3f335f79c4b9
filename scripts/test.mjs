/**
 * `npm test`: every kind of test in turn, on one PostgreSQL and one Kafka broker for the whole run. The last line is
 * `N passed, N failed`. Whatever it starts ends with it, also on Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import startCluster from '../tests/support/cluster.mjs';
import stopCluster from '../tests/support/cluster-stop.mjs';
import { startKafka, whyNoKafka } from './kafka.mjs';

const root = resolve(import.meta.dirname, '..');

/** In the order in which a failure is cheapest to see. Whole hubs share the machine badly, so they run one by one. */
const KINDS = {
  unit: { minutes: 5 },
  int: { minutes: 5, postgres: true },
  conformance: { minutes: 10, kafka: true, oneByOne: true },
  journeys: { minutes: 18, postgres: true, kafka: true, oneByOne: true },
  faults: { minutes: 12, postgres: true, kafka: true, oneByOne: true },
};
/** How long Jest may take to end after its last test; after that, something was left open. */
const GRACE_MS = 15_000;

const { kinds, paths } = readArguments();
const results = mkdtempSync(join(tmpdir(), 'alliance-tests-'));
const sum = { passed: 0, failed: 0, skipped: 0 };
const notes = [];
/** Why suites skipped themselves: each says so on a line `<WHAT> TESTS SKIPPED: <why>`. */
const skips = new Set();
const undo = [];
let stopped = false;
let running;

for (const signal of ['SIGINT', 'SIGTERM'])
  // Under npm a Ctrl-C comes twice; the second must not cut the clearing up short.
  process.on(signal, () => {
    if (stopped) return;
    stopped = true;
    notes.push(`Stopped by ${signal}.`);
    endGroup(running);
  });

try {
  if (kinds.some((kind) => KINDS[kind].postgres)) await givePostgres();
  if (kinds.some((kind) => KINDS[kind].kafka)) await giveKafka();
  for (const kind of kinds) if (!stopped) await runKind(kind);
} catch (error) {
  sum.failed += 1;
  notes.push(error.stack);
} finally {
  for (const step of undo.reverse()) await step();
  rmSync(results, { recursive: true, force: true });
}
if (stopped) sum.failed += 1;
else if (sum.passed + sum.failed === 0) {
  sum.failed += 1;
  notes.push(`No test matches ${[...kinds, ...paths].join(' ')}.`);
}
for (const note of notes) console.log(note);
if (skips.size > 0) console.log(`Skipped: ${[...skips].join('; ')}`);
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exit(sum.failed > 0 ? 1 : 0);

function readArguments() {
  const usage = `npm test -- [--only ${Object.keys(KINDS).join('|')}[,…]] [part of a path …]`;
  try {
    const { values, positionals } = parseArgs({
      options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const only = (values.only ?? []).flatMap((part) => part.split(','));
    const unknown = only.filter((kind) => !(kind in KINDS));
    if (unknown.length > 0) throw new Error(`There are no tests of the kind ${unknown.join(', ')}.`);
    const kinds = Object.keys(KINDS).filter((kind) => only.length === 0 || only.includes(kind));
    return { kinds, paths: positionals };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

async function givePostgres() {
  await startCluster();
  undo.push(stopCluster);
}

/** `KAFKA_BROKERS` as given, else a broker of this run, else none: then the suites that need one skip themselves. */
async function giveKafka() {
  if (process.env.KAFKA_BROKERS) return;
  const why = whyNoKafka();
  if (why && process.env.REQUIRE_KAFKA === '1') throw new Error(`REQUIRE_KAFKA=1, but ${why}.`);
  if (why) {
    skips.add(`KAFKA: ${why}, and KAFKA_BROKERS is not set`);
    return;
  }
  const kafka = await startKafka();
  undo.push(() => kafka.stop());
  process.env.KAFKA_BROKERS = kafka.brokers.join(',');
}

async function runKind(kind) {
  const { minutes, oneByOne } = KINDS[kind];
  const file = join(results, `${kind}.json`);
  console.log(`\n== ${kind}`);
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', kind, '--json', '--outputFile', file, '--passWithNoTests'],
      ...(oneByOne ? ['--runInBand'] : []),
      ...(paths.length > 0 ? ['--testPathPatterns', ...paths] : []),
    ],
    // Its own process group, so that nothing a test started can outlive it.
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  running = jest;
  createInterface(jest.stderr).on('line', (line) => {
    const [, what, reason] = /(\S.*) TESTS SKIPPED: (.*?)\.?$/.exec(line) ?? [];
    if (what) skips.add(`${what}: ${reason}`);
    console.error(line);
  });
  const why = await untilEnded(jest, file, minutes);
  endGroup(jest);
  count(kind, file, why);
}

/** Answers why it had to be ended, or nothing when it ended by itself. */
async function untilEnded(jest, file, minutes) {
  let why;
  let seen;
  const giveUp = Date.now() + minutes * 60_000;
  const watch = setInterval(() => {
    if (existsSync(file)) seen ??= Date.now();
    if (Date.now() > giveUp) why = `took longer than ${minutes} minutes`;
    else if (seen && Date.now() > seen + GRACE_MS) why = 'left something open that kept the process alive';
    if (why) endGroup(jest);
  }, 1_000);
  await new Promise((ended) => jest.once('exit', ended));
  clearInterval(watch);
  return why;
}

function count(kind, file, why) {
  if (why) {
    sum.failed += 1;
    notes.push(`The ${kind} tests ${why}.`);
  }
  if (!existsSync(file)) {
    if (!why && !stopped) {
      sum.failed += 1;
      notes.push(`The ${kind} tests could not run; the lines above say why.`);
    }
    return;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  sum.passed += result.numPassedTests;
  // A file that could not even be loaded holds tests that did not pass.
  sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  sum.skipped += result.numPendingTests + result.numTodoTests;
}

/** Ends a child and all that it started. */
function endGroup(child) {
  if (!child?.pid) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it has ended already.
  }
}
