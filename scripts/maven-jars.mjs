import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const cache = resolve(import.meta.dirname, '../.cache');

/** Why nothing can be fetched and run here, or nothing when it can. */
export function whyNoJava() {
  const missing = ['java', 'mvn'].filter((tool) => !isThere(tool));
  return missing.length > 0 ? `${missing.join(' and ')} not found on PATH` : undefined;
}

/**
 * The folder with the jars that `<name>-pom.xml` asks for, fetched by Maven the first time into `.cache/<folder>`. What
 * is there must be exactly what `<name>-jars.sha256` lists; a folder that is not is thrown away and fetched once more,
 * and then refused.
 */
export async function mavenJars(name, folder) {
  const target = resolve(cache, folder);
  if (existsSync(target) && wrongIn(target, name).length === 0) return target;
  mkdirSync(cache, { recursive: true });
  // Fetched aside and moved when whole, so that a run that is killed, or runs beside this one, leaves no half.
  const aside = mkdtempSync(resolve(cache, `${name}-jars-`));
  try {
    await fetchInto(aside, name);
    const wrong = wrongIn(aside, name);
    if (wrong.length > 0) throw new Error(`The jars of ${name} are not those expected: ${wrong.join(', ')}.`);
    rmSync(target, { recursive: true, force: true });
    renameSync(aside, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return target;
}

async function fetchInto(target, name) {
  const pom = resolve(import.meta.dirname, `${name}-pom.xml`);
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  try {
    await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...goal], { timeout: 600_000 });
  } catch (error) {
    throw new Error(`Maven could not fetch the jars of ${name}: ${error.stdout || error.message}`, {
      cause: error,
    });
  }
}

/** Names of the jars that are missing, changed or not on the list. */
function wrongIn(where, name) {
  const listed = new Map(
    readFileSync(resolve(import.meta.dirname, `${name}-jars.sha256`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).reverse()),
  );
  const there = readdirSync(where);
  const sum = (file) =>
    createHash('sha256')
      .update(readFileSync(resolve(where, file)))
      .digest('hex');
  const missing = [...listed.keys()].filter((file) => !there.includes(file));
  return [...missing, ...there.filter((file) => listed.get(file) !== sum(file))];
}

function isThere(tool) {
  try {
    execFileSync(tool, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
