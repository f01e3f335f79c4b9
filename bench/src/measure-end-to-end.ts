import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { percentile, type Figure } from './figures.js';
import { closedLoop, openLoop, postBytes } from './http-load.js';
import { cpuSince } from './machine.js';
import { requests, SENDER } from './messages.js';
import { live, openCases, rowsWritten, type Written } from './prepare.js';
import type { Running, Stage } from './stage.js';

const CONNECTIONS = 32;
const BYTES = 640;
const STEADY = 150;

/** Messages a second that the closed loop reached, for figures that are taken at a part of it. */
export interface EndToEnd {
  figures: Figure[];
  perSecond: number;
}

/** Both end-to-end figures over one hub: as fast as it goes, then at a steady rate. */
export async function measureEndToEnd(stage: Stage, seconds: number, only: Set<string>): Promise<EndToEnd> {
  const databaseUrl = await stage.database('end_to_end');
  const hub = await stage.startHub(databaseUrl);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await openCases(pool);
  const post = await poster(stage, hub, BYTES);
  await closedLoop(hub.url, { connections: CONNECTIONS, seconds: 4, next: post });
  const figures: Figure[] = [];
  let perSecond = 0;
  if (only.has('e2e') || only.has('rows')) {
    const fast = await fullSpeed(stage, hub, pool, post, seconds);
    figures.push(...fast.figures);
    perSecond = fast.perSecond;
  }
  if (only.has('steady')) figures.push(await steady(stage, hub, post, Math.max(10, seconds)));
  await pool.end();
  await hub.stop();
  return { figures, perSecond };
}

export async function poster(stage: Stage, hub: Running, bytes: number): Promise<() => string> {
  const headers = {
    'content-type': 'application/cloudevents+json',
    authorization: `Bearer ${await stage.token(hub, SENDER)}`,
  };
  const body = requests(bytes);
  return () => postBytes(`${hub.url}/v1/messages`, headers, body());
}

async function fullSpeed(
  stage: Stage,
  hub: Running,
  pool: pg.Pool,
  next: () => string,
  seconds: number,
): Promise<EndToEnd> {
  await untilNothingLives(pool);
  const rowsBefore = await rowsWritten(pool);
  const receivedBefore = stage.sink.received;
  const used = cpuSince(hub.pid, stage.postgres.pid);
  const {
    answered,
    seconds: took,
    others,
  } = await closedLoop(hub.url, { connections: CONNECTIONS, seconds, next });
  const inTime = stage.sink.received - receivedBefore;
  if (others.size > 0) throw new Error(`Answers other than 202: ${JSON.stringify([...others])}.`);
  await sleep(2_000);
  const left = await live(pool);
  const cpu = used();
  const rows = await rowsWritten(pool);
  const perSecond = answered / took;
  return {
    perSecond,
    figures: [
      {
        what: 'accepted and acknowledged by two, closed loop of 32',
        reached: `${perSecond.toFixed(0)} messages/s, ${(inTime / took).toFixed(0)} deliveries/s, ${left} left after 2 s`,
        wanted: '≥ 1,000 messages/s, ≥ 2,000 deliveries/s, 0 left',
        met: perSecond >= 1_000 && left === 0,
      },
      {
        what: 'CPU a message with two deliveries',
        reached: `${((cpu.hub + cpu.postgres) / answered).toFixed(2)} ms (hub ${(cpu.hub / answered).toFixed(2)}, PostgreSQL ${(cpu.postgres / answered).toFixed(2)})`,
        wanted: '≤ 2 ms',
        met: (cpu.hub + cpu.postgres) / answered <= 2,
      },
      rowsFigure(rowsBefore, rows, answered),
    ],
  };
}

function rowsFigure(before: Map<string, Written>, after: Map<string, Written>, messages: number): Figure {
  const sum = { inserted: 0, updated: 0, deleted: 0 };
  const parts: string[] = [];
  for (const [name, now] of after) {
    const was = before.get(name) ?? { inserted: 0, updated: 0, deleted: 0 };
    const each = (key: keyof Written): number => (now[key] - was[key]) / messages;
    for (const key of ['inserted', 'updated', 'deleted'] as const) sum[key] += each(key);
    const said = (['inserted', 'updated', 'deleted'] as const)
      .filter((key) => each(key) >= 0.05)
      .map((key) => `${each(key).toFixed(1)} ${key}`);
    if (said.length > 0) parts.push(`${name} ${said.join(', ')}`);
  }
  const all = sum.inserted + sum.updated + sum.deleted;
  return {
    what: 'rows written a message with two deliveries, its whole life',
    reached: `${all.toFixed(1)}: ${sum.inserted.toFixed(1)} inserted, ${sum.updated.toFixed(1)} updated, ${sum.deleted.toFixed(1)} deleted (${parts.join('; ')})`,
    wanted: '≤ 6',
    met: all <= 6,
  };
}

/** From the moment the post begins to the moment the second partner has its copy. */
async function steady(stage: Stage, hub: Running, next: () => string, seconds: number): Promise<Figure> {
  const begun = new Map<string, number>();
  const arrived = new Map<string, number[]>();
  stage.onArrival = ({ messageId, at }) => {
    const known = arrived.get(messageId);
    if (known) known.push(at);
    else arrived.set(messageId, [at]);
  };
  await openLoop(hub.url, {
    perSecond: STEADY,
    seconds,
    send: async (connection) => {
      const at = performance.now();
      const { body } = await connection.send(next());
      begun.set((JSON.parse(body) as { messageId: string }).messageId, at);
    },
  });
  await sleep(2_000);
  stage.onArrival = undefined;
  const took = [...begun].map(([id, at]) => (arrived.get(id)?.[1] ?? Infinity) - at);
  const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  return {
    what: `end to end at ${STEADY} messages/s, ${BYTES} bytes, two recipients`,
    reached: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${took.length} messages)`,
    wanted: 'p50 ≤ 8 ms, p99 ≤ 17 ms',
    met: p50 <= 8 && p99 <= 17,
  };
}

export async function untilNothingLives(pool: pg.Pool): Promise<void> {
  for (let n = await live(pool); n > 0; n = await live(pool)) await sleep(100);
}
