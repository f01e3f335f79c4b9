import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createControl } from './control.js';
import { readKnobs, type Knobs } from './knobs.js';
import { isSimulated, partOf, SIMULATORS, type SimulatorName } from './roster.js';
import { startSimulator, type SimulatorCredentials } from './simulator.js';

const hubUrl = process.env['HUB_URL'] ?? 'http://127.0.0.1:8080';
const file = join(process.env['HUB_DATA'] ?? '.data', 'credentials.json');

/** Which simulators run: those named on the command line, or those of every partner that has credentials. */
function wanted(credentials: AllCredentials): SimulatorName[] {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !isSimulated(name));
  if (unknown.length > 0)
    throw new Error(`There is no simulator ${unknown.join(', ')}; there are ${SIMULATORS.join(', ')}.`);
  return names.length > 0 ? names.filter(isSimulated) : SIMULATORS.filter((name) => credentials[name]);
}

type AllCredentials = Record<string, SimulatorCredentials | undefined>;

function readCredentials(): AllCredentials {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as AllCredentials;
  } catch {
    throw new Error(
      `${file} cannot be read: start the hub with its demo first, or set HUB_DATA to its folder.`,
    );
  }
}

function credentialsOf(credentials: AllCredentials, name: SimulatorName): SimulatorCredentials {
  const found = credentials[name];
  if (!found) throw new Error(`${file} has no credentials for ${name}.`);
  return found;
}

function portOf(name: string, otherwise: number): number {
  const setting = `SIM_PORT_${name.toUpperCase().replaceAll('-', '_')}`;
  const text = process.env[setting];
  const port = text ? Number(text) : otherwise;
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`${setting} is a port from 0 to 65535.`);
  return port;
}

async function main(): Promise<void> {
  const log = (line: string): void => console.error(line);
  const told = process.env['SIM_DECIDE_AFTER_MS'];
  const knobsOf = (name: SimulatorName): Partial<Knobs> =>
    readKnobs({ decideAfterMs: 500, ...partOf(name).demo, ...(told && { decideAfterMs: Number(told) }) });
  const credentials = readCredentials();
  const simulators = await Promise.all(
    wanted(credentials).map((name) =>
      startSimulator(name, {
        hubUrl,
        credentials: credentialsOf(credentials, name),
        port: portOf(name, partOf(name).port ?? 0),
        pickupPort: portOf(`${name}-pickup`, partOf(name).pickupPort ?? 0),
        knobs: knobsOf(name),
        log,
      }),
    ),
  );
  const control = createControl(simulators).listen(portOf('control', 8180), '127.0.0.1');
  await once(control, 'listening');
  const stop = (): void => {
    control.close();
    control.closeAllConnections();
    // The channel to the parent would keep the process alive.
    Promise.all(simulators.map((one) => one.close()))
      .catch((error: unknown) => log(String(error)))
      .finally(() => process.exit(0));
  };
  // A Ctrl-C under npm comes more than once; only the first counts.
  let stopping = false;
  const stopOnce = (): void => {
    if (!stopping) stop();
    stopping = true;
  };
  process.on('SIGTERM', stopOnce).on('SIGINT', stopOnce);
  // A parent that was killed leaves nobody to stop us.
  process.once('disconnect', () => process.exit(0));
  console.log(
    `simulators ready: ${simulators.map(({ name, url }) => (url ? `${name} ${url}` : name)).join(', ')}`,
  );
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  // Simulators that did start would keep the process alive.
  process.exit(1);
});
