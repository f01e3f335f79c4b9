import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { projectRoot } from '#contracts';
import { table, type Figure } from './figures.js';
import { loadAverage, machine, revision } from './machine.js';
import { measureAccept } from './measure-accept.js';
import { measureEndToEnd } from './measure-end-to-end.js';
import { measureMillion } from './measure-million.js';
import { measureUrgent } from './measure-urgent.js';
import { Stage, startToReady } from './stage.js';

const FIGURES = ['accept', 'e2e', 'steady', 'urgent', 'million', 'start'] as const;
const HELP = `npm run bench -- [--only ${FIGURES.join(',')}] [--seconds n] [--deliveries n] [--no-write]

Takes the figures of design section 10 on an embedded PostgreSQL of its own, with durability on: fsync, synchronous_commit
and full_page_writes. The load is at 127.0.0.1, from this process; hub and floor are processes of their own.

  --only        some of the figures, by name
  --seconds     of each round of the load; 5 unless told
  --deliveries  that wait in "million"; 1,000,000 unless told
  --no-write    prints only, and leaves bench/results.md as it is
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: FIGURES.join(',') },
      seconds: { type: 'string', default: '5' },
      deliveries: { type: 'string', default: '1000000' },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const only = new Set(values.only.split(','));
  for (const name of only)
    if (!(FIGURES as readonly string[]).includes(name)) throw new Error(`${name} is no figure.\n\n${HELP}`);

  const loadBefore = loadAverage();
  const stage = await Stage.open();
  try {
    const figures = await measure(stage, only, Number(values.seconds), Number(values.deliveries));
    const text = await report(stage, figures, loadBefore);
    process.stdout.write(text);
    if (!values['no-write']) await writeFile(join(projectRoot(), 'bench', 'results.md'), text);
  } finally {
    await stage.close();
  }
}

async function measure(
  stage: Stage,
  only: Set<string>,
  seconds: number,
  deliveries: number,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const say = (more: Figure[]): void => {
    figures.push(...more);
    process.stderr.write(`${table(more)}\n\n`);
  };
  let perSecond = 1_000;
  if (only.has('accept')) say(await measureAccept(stage, seconds));
  if (only.has('e2e') || only.has('steady')) {
    const endToEnd = await measureEndToEnd(stage, seconds * 3, only);
    perSecond = endToEnd.perSecond || perSecond;
    say(endToEnd.figures);
  }
  if (only.has('urgent')) say(await measureUrgent(stage, perSecond));
  if (only.has('million')) say(await measureMillion(stage, deliveries));
  if (only.has('start')) say(await measureStart(stage));
  return figures;
}

async function measureStart(stage: Stage): Promise<Figure[]> {
  const dataDir = join(stage.folder, 'start');
  const first = await startToReady(dataDir);
  const second = await startToReady(dataDir);
  return [
    {
      what: '`npm start` to ready, first and second time',
      reached: `${first.toFixed(1)} s, ${second.toFixed(1)} s`,
      wanted: '< 20 s, < 10 s',
      met: first < 20 && second < 10,
    },
  ];
}

async function report(stage: Stage, figures: readonly Figure[], loadBefore: string): Promise<string> {
  const client = new pg.Client({ connectionString: stage.postgres.url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return `# Bench results

Taken ${new Date().toISOString().slice(0, 16)}Z at ${revision()} by \`npm run bench -- ${process.argv.slice(2).join(' ')}\`.
Machine: ${machine(rows[0]?.server_version ?? '')}; load average before the run ${loadBefore}.

${table(figures)}
`;
}

await main();
