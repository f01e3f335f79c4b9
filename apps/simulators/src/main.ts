import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createControl } from './control.js';
import { readKnobs } from './knobs.js';
import { SIMULATORS, startSimulator, type SimulatorCredentials, type SimulatorName } from './simulator.js';

/** Where `config/partners.json` expects the partners' endpoints. */
const PORTS: Partial<Record<SimulatorName, number>> = { nkm: 8181, salus: 8182, nelft: 8183 };

const hubUrl = process.env['HUB_URL'] ?? 'http://127.0.0.1:8080';
const file = join(process.env['HUB_DATA'] ?? '.data', 'credentials.json');

/** Which simulators run: those named on the command line, or all. */
function wanted(): SimulatorName[] {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !SIMULATORS.includes(name as SimulatorName));
  if (unknown.length > 0)
    throw new Error(`There is no simulator ${unknown.join(', ')}; there are ${SIMULATORS.join(', ')}.`);
  return names.length > 0 ? (names as SimulatorName[]) : [...SIMULATORS];
}

function credentialsOf(name: SimulatorName): SimulatorCredentials {
  let all: Record<string, SimulatorCredentials | undefined>;
  try {
    all = JSON.parse(readFileSync(file, 'utf8')) as typeof all;
  } catch {
    throw new Error(
      `${file} cannot be read: start the hub with its demo first, or set HUB_DATA to its folder.`,
    );
  }
  const found = all[name];
  if (!found) throw new Error(`${file} has no credentials for ${name}.`);
  return found;
}

function portOf(name: string, otherwise: number): number {
  const setting = `SIM_PORT_${name.toUpperCase()}`;
  const text = process.env[setting];
  const port = text ? Number(text) : otherwise;
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`${setting} is a port from 0 to 65535.`);
  return port;
}

async function main(): Promise<void> {
  const log = (line: string): void => console.error(line);
  const knobs = readKnobs({ decideAfterMs: Number(process.env['SIM_DECIDE_AFTER_MS'] ?? 500) });
  const simulators = await Promise.all(
    wanted().map((name) =>
      startSimulator(name, {
        hubUrl,
        credentials: credentialsOf(name),
        port: portOf(name, PORTS[name] ?? 0),
        knobs,
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
