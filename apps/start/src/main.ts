import 'reflect-metadata';
import { startAlliance } from './start-alliance.js';

/** `npm start`: database, hub, adapters and the partners' simulators with one command. */
async function main(): Promise<void> {
  const begun = performance.now();
  const alliance = await startAlliance(
    { ...process.env, HUB_DEMO: process.env['HUB_DEMO'] ?? '1' },
    { restored: process.argv.includes('--restored') },
  );
  console.log(`ready ${alliance.url}`);
  console.error(
    `(in ${((performance.now() - begun) / 1000).toFixed(1)} s; ${alliance.url}/docs tells what there is; Ctrl-C stops everything)`,
  );
  await new Promise<void>((resolve) =>
    // A Ctrl-C under npm comes twice, from the terminal and from npm; the second must not cut the stop short.
    process.on('SIGTERM', () => resolve()).on('SIGINT', () => resolve()),
  );
  await alliance.stop();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
