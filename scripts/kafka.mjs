import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { mavenJars, whyNoJava } from './maven-jars.mjs';
import { freePorts, killWithUs } from './process.mjs';

/** Why no broker can be started here, or nothing when one can. */
export const whyNoKafka = whyNoJava;

/**
 * Starts a real broker (KRaft, one node) on free ports of 127.0.0.1 with an empty log. It makes no topic by itself.
 * It ends with this process at the latest.
 */
export async function startKafka() {
  const jars = await mavenJars('kafka', 'kafka-4.1.0');
  const home = mkdtempSync(resolve(tmpdir(), 'alliance-kafka-'));
  const [port, controllerPort] = await freePorts(2);
  const settings = resolve(home, 'server.properties');
  writeFileSync(settings, properties(home, port, controllerPort));
  const java = (...args) => ['-Xmx512m', '-cp', `${jars}/*`, ...args];
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAQACAAAAAAAAAAA', '-c', settings];
  await promisify(execFile)('java', java(...format));

  let broker;
  let watcher;
  const kafka = {
    brokers: [`127.0.0.1:${port}`],
    get pid() {
      return broker?.pid;
    },
    /** On the same ports and log as before; resolves when it answers. */
    async start() {
      const log = openSync(resolve(home, 'broker.log'), 'a');
      broker = spawn('java', java('kafka.Kafka', settings), { stdio: ['ignore', log, log] });
      closeSync(log);
      // Neither keeps this process alive: a test file whose tests are all skipped never gets to stop it.
      broker.unref();
      watcher = killWithUs(broker.pid);
      await untilItAnswers(kafka.brokers, broker);
    },
    /** As a power cut would. */
    async kill() {
      if (broker.exitCode !== null || broker.signalCode !== null) return;
      const ended = new Promise((done) => broker.once('exit', done));
      broker.ref();
      watcher.kill('SIGKILL');
      broker.kill('SIGKILL');
      await ended;
    },
    /** Ends it and removes its log. */
    async stop() {
      await kafka.kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await kafka.start();
    return kafka;
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}

function properties(home, port, controllerPort) {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': resolve(home, 'log'),
    // A hub makes its topics itself: one that appears by a typing error would hide the error.
    'auto.create.topics.enable': false,
    // One node keeps one copy, and tests join and leave groups all the time.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    // A killed broker may come back at once.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function untilItAnswers(brokers, broker) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  for (let tries = 0; tries < 600; tries += 1) {
    if (broker.exitCode !== null) throw new Error(`The broker ended with code ${broker.exitCode}.`);
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.listTopics();
      return;
    } catch {
      await pause(100);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
  throw new Error('The broker did not answer within a minute.');
}

if (process.argv[1] === import.meta.filename) {
  const kafka = await startKafka();
  setTimeout(() => {}, 2 ** 31 - 1);
  console.log(`KAFKA_BROKERS=${kafka.brokers.join(',')}`);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => kafka.stop().then(() => process.exit(0)));
}
