import { run } from './program.js';

const stop = new AbortController();
// More than one comes, under npm for instance; the command ends in order at the first.
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());
// A reader such as `head` may close its end first: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stop: stop.signal,
});
