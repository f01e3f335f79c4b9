#!/usr/bin/env node
// Started by whatever Node the machine has; the command itself runs on the Node that npm installed here.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const main = join(root, 'dist/apps/cli/src/main.js');
const ownNode = join(root, 'node_modules/.bin/node');

if (!existsSync(main)) {
  console.error(`The hub is not built yet: run \`npm ci\` (or \`npm run build\`) in ${root}.`);
  process.exitCode = 1;
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(pathToFileURL(main).href);
} else if (!existsSync(ownNode)) {
  console.error(
    `This Node is ${process.version}; the hub needs 24. Run \`npm ci\` in ${root}, which brings it.`,
  );
  process.exitCode = 1;
} else {
  const child = spawn(ownNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
