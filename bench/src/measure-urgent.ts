import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OTHERS } from './alliance.js';
import { percentile, type Figure } from './figures.js';
import { openLoop, postBytes } from './http-load.js';
import { riskAlerts, SENDER } from './messages.js';
import { poster } from './measure-end-to-end.js';
import { openCases, pause } from './prepare.js';
import { seed } from './seed.js';
import type { Stage } from './stage.js';

const SAMPLES = 600;
const SECONDS = 30;
const WAITING = 100_000;

/** Urgent messages while the hub carries half of what it can, a hundred thousand wait and three partners answer nothing. */
export async function measureUrgent(stage: Stage, perSecond: number): Promise<Figure[]> {
  const databaseUrl = await stage.database('urgent');
  const hub = await stage.startHub(databaseUrl);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await openCases(pool);
  await pause(pool, OTHERS.slice(3));
  await seed(pool, join(stage.folder, 'data'), stage.folder, {
    deliveries: WAITING,
    partners: OTHERS,
    perCase: 10,
  });

  const begun = new Map<string, number>();
  const arrived = new Map<string, number>();
  stage.onArrival = ({ messageId, at }) => {
    if (!arrived.has(messageId)) arrived.set(messageId, at);
  };
  const headers = {
    'content-type': 'application/cloudevents+json',
    authorization: `Bearer ${await stage.token(hub, SENDER)}`,
  };
  const next = await poster(stage, hub, 640);
  const alert = riskAlerts();
  const rate = Math.round(perSecond / 2);
  await Promise.all([
    openLoop(hub.url, {
      perSecond: rate,
      seconds: SECONDS,
      send: async (connection) => void (await connection.send(next())),
    }),
    openLoop(hub.url, {
      perSecond: SAMPLES / SECONDS,
      seconds: SECONDS,
      send: async (connection) => {
        const at = performance.now();
        const { body } = await connection.send(postBytes(`${hub.url}/v1/messages`, headers, alert()));
        begun.set((JSON.parse(body) as { messageId: string }).messageId, at);
      },
    }),
  ]);
  await sleep(2_000);
  stage.onArrival = undefined;
  const { rows } = await pool.query<{ ms: number }>(
    `select extract(epoch from claimed_at - accepted_at)::float8 * 1000 as ms from delivery_ended where band = 0`,
  );
  await pool.end();
  await hub.stop();
  const took = [...begun].map(([id, at]) => (arrived.get(id) ?? Infinity) - at);
  const p99 = percentile(took, 0.99);
  const onWire = percentile(
    rows.map(({ ms }) => ms),
    0.99,
  );
  return [
    {
      what: `urgent at ${rate}/s besides, ${WAITING.toLocaleString('en')} waiting, 3 partners black-holed`,
      reached: `p50 ${percentile(took, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms from post to partner; accept to wire p99 ${onWire.toFixed(0)} ms (${took.length} samples)`,
      wanted: 'accept to wire p99 < 250 ms',
      met: p99 < 250,
    },
  ];
}
