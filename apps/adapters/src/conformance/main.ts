import { loadContracts } from '#contracts';
import { conformance } from './command.js';

process.exitCode = await conformance(process.argv.slice(2), {
  env: process.env,
  contracts: loadContracts,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
