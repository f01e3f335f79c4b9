import type { Pool } from 'pg';
import { FAULTS, type Alliance, type FaultCode } from '#contracts';
import type { Wire } from '#wire';
import { dateIn, dueAt } from './cases/calendar.js';
import { agreementOn } from './dispatch/consent.js';
import type { DeriveRules } from './dispatch/derive-copy.js';
import { reexamine } from './dispatch/reexamine.js';
import type { Logger } from './platform/log.js';
import { ledgerTrouble, safeError } from './platform/safe-error.js';
import { informOrigin } from './settle/inform-origin.js';
import { ownerOf } from './settle/owners.js';
import type { IntakeTools } from './intake/intake.js';
import { judgeLeases, type SettleTools } from './settle/settle.js';
import type { AcceptRow } from './store/accept-row.js';
import { alertSent, takeUnsentAlerts, type Alert } from './store/alerts.js';
import { advanceClocks } from './store/clocks.js';
import { readCopies } from './store/read-copies.js';
import { tellOverdueTasks } from './store/tasks.js';
import { readToReexamine, reexamined } from './store/reexamine.js';
import { endPauses } from './store/gates.js';
import { ledgerNow } from './store/ledger-now.js';
import { readExpiredLeases } from './store/read-attempts.js';
import { readDueReceipts, receiptTold, type DueReceipt } from './store/receipts.js';
import { dropOldRefusalBodies } from './store/refusals.js';
import type { Settled, Settlement } from './store/settle-deliveries.js';
import {
  assignRole,
  moveOwners,
  readOverdue,
  reportParkedOverdue,
  retryBlocked,
  retryUnheardConsent,
  tellLateUrgent,
  type OverdueDelivery,
} from './store/sweeps.js';

/** What a round may do to the hub. */
export interface RoundHub {
  rules: DeriveRules;
  settleTools: SettleTools;
  intakeTools: IntakeTools;
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  accept(rows: readonly AcceptRow[]): Promise<boolean[]>;
  wake(partners: readonly string[]): void;
}

export interface RoundTools {
  hub: RoundHub;
  pool: Pool;
  alliance: Alliance;
  wire: Wire;
  log: Logger;
  sendAlert?: (alert: Alert) => Promise<boolean>;
}

/** How long after its timeout an attempt's outcome may still be on its way, in milliseconds. */
const GRACE_MS = 2_000;
/** How long adapters may take to say again what a wire that was down did not take, in milliseconds. */
const CATCH_UP_MS = 10_000;
const MINUTE = 60_000;

/** Everything that the hub looks at again and again, with how often. */
export function hubRounds(
  tools: RoundTools,
): { name: string; everyMs: number; run: () => Promise<unknown> }[] {
  const { pool, alliance, hub } = tools;
  return [
    { name: 'leases', everyMs: 1_000, run: leaseJudge(tools) },
    { name: 'receipts', everyMs: 1_000, run: () => tellOrigins(tools) },
    { name: 'overdue', everyMs: 2_000, run: () => parkOverdue(tools) },
    { name: 'clocks', everyMs: 1_000, run: () => advanceClocks(pool, alliance.policy.urgentTellMs, 100) },
    { name: 'urgent', everyMs: 1_000, run: () => tellLateUrgent(pool, alliance.policy.urgentTellMs) },
    { name: 'alerts', everyMs: 1_000, run: () => sendAlerts(tools) },
    { name: 'pauses', everyMs: 1_000, run: async () => hub.wake(await endPauses(pool)) },
    { name: 'owners', everyMs: 5_000, run: () => moveOwners(pool) },
    { name: 'sharing', everyMs: 1_000, run: () => reexamineWaiting(tools) },
    { name: 'tasks', everyMs: MINUTE, run: () => tellOverdueTasks(pool) },
    { name: 'blocked', everyMs: 5_000, run: () => reconsiderBlocked(tools) },
    {
      name: 'partitions',
      everyMs: 60 * MINUTE,
      run: () => pool.query('select ensure_partitions(ledger_now()), ensure_partitions(clock_timestamp())'),
    },
    { name: 'refusals', everyMs: 60 * MINUTE, run: () => dropOldRefusalBodies(pool) },
  ];
}

/**
 * A lease is judged only beyond what has been read of the facts: a mark is sent, and the lease is judged when the mark
 * has come back on every partition. After a wire that was down, the adapters first get time to say what happened
 * meanwhile, or the mark would overtake it.
 */
function leaseJudge({ hub, pool, wire }: RoundTools): () => Promise<void> {
  let lastDown = -Infinity;
  return async () => {
    if (!wire.isUp()) lastDown = performance.now();
    if (performance.now() - lastDown < CATCH_UP_MS) return;
    const late = await readExpiredLeases(pool, { partitions: null, graceMs: GRACE_MS, limit: 1 });
    if (!late[0]) return;
    await wire.sendFacts([{ kind: 'mark', at: late[0].now.toISOString() }]);
    const partitions = await wire.factPartitions();
    const expired = await readExpiredLeases(pool, { partitions, graceMs: GRACE_MS, limit: 200 });
    await judgeLeases(hub.settleTools, expired);
  };
}

/** One that cannot be told is logged and comes again; it holds up no other. */
async function tellOrigins({ hub, pool, log }: RoundTools): Promise<void> {
  const tools = {
    ...hub.intakeTools,
    now: () => ledgerNow(pool),
    accept: async (row: AcceptRow) => (await hub.accept([row]))[0] === true,
    told: (due: DueReceipt, fresh: boolean) => receiptTold(pool, due, fresh),
  };
  const limit = 100;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const due = await readDueReceipts(pool, { after, limit });
    for (const receipt of due)
      await informOrigin(tools, receipt).catch((error: unknown) => {
        if (ledgerTrouble(error)) throw error;
        log.error({ messageId: receipt.messageId, err: safeError(error) }, 'an origin could not be told');
      });
    if (due.length < limit) return;
    after = (due.at(-1) as DueReceipt).messageId;
  }
}

/** Blocked and handed-over deliveries whose time is up are parked; parked ones are told of again. */
async function parkOverdue({ hub, pool, alliance }: RoundTools): Promise<void> {
  const overdue = await readOverdue(pool, 200);
  if (overdue.length === 0) return;
  const now = await ledgerNow(pool);
  const parkFor = (row: OverdueDelivery): number =>
    dueAt(
      now,
      alliance.policy.parkedFor[row.band === 0 ? 'urgent' : 'normal'],
      alliance.calendars.england,
    ).getTime() - now.getTime();
  // An answer is proof of arrival, for what is parked too.
  const staysParked = (row: OverdueDelivery): boolean => row.state === 'parked' && !row.answered;
  const waiting = overdue.filter((row) => !staysParked(row));
  if (waiting.length > 0) await hub.settle(waiting.map((row) => overdueSettlement(row, parkFor(row))));
  for (const row of overdue.filter(staysParked))
    await reportParkedOverdue(pool, row.deliveryId, parkFor(row));
}

function overdueSettlement(row: OverdueDelivery, forMs: number): Settlement {
  if (row.answered)
    return {
      deliveryId: row.deliveryId,
      from: [row.state],
      verb: { do: 'end', state: 'acknowledged' },
      stations: ['partner.received'],
    };
  const code: FaultCode =
    row.state === 'handed-over'
      ? 'partner-unavailable/not-acknowledged'
      : ((row.code ?? 'defect/unexpected') as FaultCode);
  return {
    deliveryId: row.deliveryId,
    from: [row.state],
    verb: { do: 'park', forMs },
    fault: { code, stage: 'overdue', detail: FAULTS[code].means },
    owner: ownerOf(code),
    stations: ['delivery.parked'],
    detail: { code, was: row.state },
    alert: {
      key: `overdue:${row.deliveryId}:${row.told}:${row.state}`,
      severity: row.band === 0 ? 'urgent' : 'warning',
      kind: 'delivery.parked',
      owner: ownerOf(code),
      text: `A delivery to ${row.partner} is overdue and parked (${code}).`,
    },
  };
}

async function sendAlerts({ pool, sendAlert }: RoundTools): Promise<void> {
  if (!sendAlert) return;
  for (const alert of await takeUnsentAlerts(pool, 20))
    if (await sendAlert(alert)) await alertSent(pool, alert.alertId);
}

/** An agreement that came into force or a role that was filled: what waited for it goes on. */
async function reconsiderBlocked({ hub, pool, alliance }: RoundTools): Promise<void> {
  const today = dateIn(alliance.calendars.england?.zone ?? 'Europe/London', await ledgerNow(pool));
  for (const { role, partner, from, until } of alliance.roles) {
    if (from > today || (until !== undefined && until < today)) continue;
    if ((await assignRole(pool, role, partner)) > 0) hub.wake([partner]);
  }
  // An agreement that came into force lets them go; one that was ended for good ends them.
  const settled = alliance.partners
    .map(({ id }) => id)
    .filter((id) => agreementOn(alliance.agreements, id, today).is !== 'pending');
  hub.wake(await retryBlocked(pool, 'consent/agreement-pending', settled));
  hub.wake(await retryUnheardConsent(pool));
}

async function reexamineWaiting({ hub, pool, log }: RoundTools): Promise<void> {
  await reexamine({
    rules: hub.rules,
    due: () => readToReexamine(pool, 200),
    read: (ids) => readCopies(pool, ids, 'now'),
    settle: (settlements) => hub.settle(settlements),
    done: (ids) => reexamined(pool, ids),
    log,
  });
}
