import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const cache = resolve(import.meta.dirname, '../.cache');
const folder = resolve(cache, 'kafka-4.1.0');

/**
 * The folder with the broker's jars, fetched by Maven the first time. What is there must be exactly what
 * `kafka-jars.sha256` lists; a folder that is not is thrown away and fetched once more, and then refused.
 */
export async function kafkaJars() {
  if (existsSync(folder) && wrongIn(folder).length === 0) return folder;
  mkdirSync(cache, { recursive: true });
  // Fetched aside and moved when whole, so that a run that is killed, or runs beside this one, leaves no half.
  const aside = mkdtempSync(resolve(cache, 'kafka-jars-'));
  try {
    await fetchInto(aside);
    const wrong = wrongIn(aside);
    if (wrong.length > 0) throw new Error(`The jars of Kafka are not those expected: ${wrong.join(', ')}.`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

async function fetchInto(target) {
  const pom = resolve(import.meta.dirname, 'kafka-pom.xml');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  try {
    await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...goal], { timeout: 600_000 });
  } catch (error) {
    throw new Error(`Maven could not fetch the jars of Kafka: ${error.stdout || error.message}`, {
      cause: error,
    });
  }
}

/** Names of the jars that are missing, changed or not on the list. */
function wrongIn(where) {
  const listed = new Map(
    readFileSync(resolve(import.meta.dirname, 'kafka-jars.sha256'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).reverse()),
  );
  const there = readdirSync(where);
  const sum = (name) =>
    createHash('sha256')
      .update(readFileSync(resolve(where, name)))
      .digest('hex');
  const missing = [...listed.keys()].filter((name) => !there.includes(name));
  return [...missing, ...there.filter((name) => listed.get(name) !== sum(name))];
}
