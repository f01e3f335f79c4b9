import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loadAlliance } from '#contracts';
import { checkInvariants } from '../../apps/hub/src/store/check-invariants.js';
import { claimDeliveries } from '../../apps/hub/src/store/claim-deliveries.js';
import { ensureGates } from '../../apps/hub/src/store/gates.js';
import { migrate } from '../../apps/hub/src/store/migrate.js';
import { settleDeliveries } from '../../apps/hub/src/store/settle-deliveries.js';
import { OTHERS } from './alliance.js';
import { median, type Figure } from './figures.js';
import { rssMb } from './machine.js';
import { pause } from './prepare.js';
import { seed } from './seed.js';
import type { Stage } from './stage.js';

const FEW = 1_000;
const ROUNDS = 40;

/** A ledger with this much waiting, and sessions that began before it was there: their plans were made for nothing. */
async function ledgerWith(
  stage: Stage,
  name: string,
  deliveries: number,
): Promise<{ url: string; pool: pg.Pool }> {
  const url = await stage.database(name);
  await migrate(url);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await ensureGates(pool, loadAlliance(join(stage.folder, 'config')).partners);
  for (let i = 0; i < 10; i += 1) await claimAndSettle(pool, OTHERS[0] ?? '');
  await seed(pool, join(stage.folder, 'data'), join(stage.folder), {
    deliveries,
    partners: OTHERS,
    perCase: deliveries > FEW ? 50 : 5,
  });
  return { url, pool };
}

/** One claim of a window of eight and its settlement; answers what each took, in milliseconds. */
async function claimAndSettle(pool: pg.Pool, partner: string): Promise<{ claim: number; settle: number }> {
  const begun = performance.now();
  const { claimed } = await claimDeliveries(pool, partner, 'ordinary', {
    leaseMs: 5_000,
    timeoutMs: 10_000,
    carried: false,
  });
  const between = performance.now();
  await settleDeliveries(
    pool,
    claimed.map(({ deliveryId, attemptId }) => ({
      deliveryId,
      attemptId,
      from: ['claimed'],
      verb: { do: 'end', state: 'acknowledged' },
      stations: ['wire.claimed', 'wire.sent', 'partner.received'],
      detail: { attempt: 1 },
    })),
  );
  return { claim: between - begun, settle: performance.now() - between };
}

/** What a million waiting costs: claim and settle by turns with a thousand waiting, then start and memory of a hub. */
export async function measureMillion(stage: Stage, deliveries: number): Promise<Figure[]> {
  const few = await ledgerWith(stage, 'few', FEW);
  const many = await ledgerWith(stage, 'many', deliveries);
  const took = {
    few: [] as { claim: number; settle: number }[],
    many: [] as { claim: number; settle: number }[],
  };
  // Partner after partner, so that the small ledger keeps two thirds of what it has.
  for (let round = 0; round < ROUNDS; round += 1) {
    const partner = OTHERS[round % OTHERS.length] ?? '';
    took.many.push(await claimAndSettle(many.pool, partner));
    took.few.push(await claimAndSettle(few.pool, partner));
  }
  const ratio = (what: 'claim' | 'settle'): number =>
    median(took.many.map((each) => each[what])) / median(took.few.map((each) => each[what]));
  const ms = (where: 'few' | 'many', what: 'claim' | 'settle'): string =>
    median(took[where].map((each) => each[what])).toFixed(1);

  const broken = (await checkInvariants(many.pool)).filter(({ ok }) => !ok);
  await pause(many.pool, OTHERS);
  const hub = await stage.startHub(many.url);
  await sleep(5_000);
  const rss = rssMb(hub.pid);
  await hub.stop();
  await few.pool.end();
  await many.pool.end();
  const waiting = deliveries.toLocaleString('en');
  return [
    {
      what: `claim of 8 with ${waiting} waiting against ${FEW.toLocaleString('en')}`,
      reached: `${ratio('claim').toFixed(2)} × (${ms('many', 'claim')} ms against ${ms('few', 'claim')} ms)`,
      wanted: '≤ 1.3 ×',
      met: ratio('claim') <= 1.3,
    },
    {
      what: `settle of 8 with ${waiting} waiting against ${FEW.toLocaleString('en')}`,
      reached: `${ratio('settle').toFixed(2)} × (${ms('many', 'settle')} ms against ${ms('few', 'settle')} ms)`,
      wanted: '≤ 1.3 ×',
      met: ratio('settle') <= 1.3,
    },
    {
      what: `hub with ${waiting} waiting`,
      reached: `ready in ${(hub.startMs / 1000).toFixed(1)} s, ${rss.toFixed(0)} MB RSS after 5 s`,
      wanted: 'start < 5 s, < 400 MB',
      met: hub.startMs < 5_000 && rss < 400,
    },
    {
      what: 'hub check on it',
      reached:
        broken.length === 0
          ? 'I1 to I5 hold'
          : `broken: ${broken.map(({ id, means }) => `${id} ${means}`).join('; ')}`,
      wanted: 'passes',
      met: broken.length === 0,
    },
  ];
}
