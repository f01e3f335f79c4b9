import pg from 'pg';
import { median, type Figure } from './figures.js';
import { closedLoop, postBytes, type LoadResult } from './http-load.js';
import { cpuSince } from './machine.js';
import { requests, SENDER } from './messages.js';
import { openCases, pause } from './prepare.js';
import type { Running, Stage } from './stage.js';

const CONNECTIONS = 64;
const BYTES = 3_072;
const ROUNDS = 4;

/** Accept over HTTP against the floor, by turns, so that both meet the same noise. */
export async function measureAccept(stage: Stage, seconds: number): Promise<Figure[]> {
  const databaseUrl = await stage.database('accept');
  const hub = await stage.startHub(databaseUrl);
  const floor = await stage.startFloor(await stage.database('floor'));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await openCases(pool);
  await pause(pool, ['nkm', 'salus']);

  const headers = {
    'content-type': 'application/cloudevents+json',
    authorization: `Bearer ${await stage.token(hub, SENDER)}`,
  };
  const body = requests(BYTES);
  const run = (at: Running, forSeconds: number): Promise<LoadResult> =>
    closedLoop(at.url, {
      connections: CONNECTIONS,
      seconds: forSeconds,
      next: () => postBytes(`${at.url}/v1/messages`, headers, body()),
    });
  for (const at of [hub, floor]) await run(at, 3);

  const rates = { hub: [] as number[], floor: [] as number[] };
  const cpu = { hub: 0, postgres: 0, floor: 0, accepted: 0, inserted: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const usedByFloor = cpuSince(floor.pid, stage.postgres.pid);
    const inserted = await run(floor, seconds);
    const ofFloor = usedByFloor();
    const usedByHub = cpuSince(hub.pid, stage.postgres.pid);
    const accepted = await run(hub, seconds);
    const ofHub = usedByHub();
    rates.floor.push(rateOf(inserted));
    rates.hub.push(rateOf(accepted));
    cpu.hub += ofHub.hub;
    cpu.postgres += ofHub.postgres;
    cpu.floor += ofFloor.hub + ofFloor.postgres;
    cpu.accepted += accepted.answered;
    cpu.inserted += inserted.answered;
  }
  await pool.end();
  await hub.stop();
  await floor.stop();
  const ratio = median(rates.hub) / median(rates.floor);
  return [
    {
      what: 'accept against the floor (3 KB, 64 connections)',
      reached: `${ratio.toFixed(2)} × (${median(rates.hub).toFixed(0)}/s against ${median(rates.floor).toFixed(0)}/s)`,
      wanted: '1.0 × (least 0.6 ×)',
      met: ratio >= 1,
    },
    {
      what: 'accept: CPU a message, hub and PostgreSQL',
      reached: `${((cpu.hub + cpu.postgres) / cpu.accepted).toFixed(2)} ms (hub ${(cpu.hub / cpu.accepted).toFixed(2)}, PostgreSQL ${(cpu.postgres / cpu.accepted).toFixed(2)}); floor ${(cpu.floor / cpu.inserted).toFixed(2)} ms`,
      wanted: 'reported',
    },
  ];
}

function rateOf({ answered, seconds, others }: LoadResult): number {
  if (others.size > 0) throw new Error(`Answers other than 202: ${JSON.stringify([...others])}.`);
  return answered / seconds;
}
