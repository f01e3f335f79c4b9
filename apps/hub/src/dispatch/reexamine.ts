import { BANDS } from '#contracts';
import { dueAt } from '../cases/calendar.js';
import { station, type Logger } from '../platform/log.js';
import { ledgerTrouble, safeError } from '../platform/safe-error.js';
import type { WaitingCopy } from '../store/read-copies.js';
import type { Saying } from '../store/reexamine.js';
import type { Settled, Settlement } from '../store/settle-deliveries.js';
import { deriveCopy, type DerivedCopy, type DeriveRules } from './derive-copy.js';
import { pastOf, refusedCopy, stopped } from './dispatch.js';

export interface ReexamineTools {
  rules: DeriveRules;
  /** What was said about deliveries since they were looked at, a page of it. */
  due(): Promise<Saying[]>;
  read(deliveryIds: readonly string[]): Promise<WaitingCopy[]>;
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  /** These sayings are done with. */
  done(ids: readonly string[]): Promise<void>;
  log: Logger;
}

/**
 * What waits is looked at as soon as consent changes or its message is taken back, not only when its turn comes: what may
 * no longer leave ends here, whether it is queued, blocked, parked or unread in an inbox, and its origin is told. A crash
 * half-way looks at it again.
 */
export async function reexamine(tools: ReexamineTools): Promise<void> {
  const due = await tools.due();
  if (due.length === 0) return;
  const waiting = await tools.read([...new Set(due.map(({ deliveryId }) => deliveryId))]);
  const settlements = await Promise.all(waiting.map((copy) => settlementOf(tools, copy)));
  const wanted = settlements.filter((settlement) => settlement !== undefined);
  const applied = wanted.length > 0 ? (await tools.settle(wanted)).applied : new Set<string>();
  // A claim was faster, and knew nothing of what was said: what becomes of its attempt is looked at again.
  const again = new Set([
    ...waiting.flatMap(({ state, deliveryId }) => (state === 'claimed' ? deliveryId : [])),
    ...wanted.flatMap(({ deliveryId }) => (applied.has(deliveryId) ? [] : deliveryId)),
  ]);
  await tools.done(due.flatMap(({ id, deliveryId }) => (again.has(deliveryId) ? [] : id)));
}

async function settlementOf(tools: ReexamineTools, waiting: WaitingCopy): Promise<Settlement | undefined> {
  const { rules, log } = tools;
  if (!mayChange(rules, waiting)) return undefined;
  const copy = await derived(tools, waiting);
  if (!copy || copy.message || copy.action === 'park') return undefined;
  // A copy that is to wait waits already, but for one that lies there to be read.
  if (copy.action === 'block' && waiting.state !== 'handed-over') return undefined;
  const calendar = rules.alliance.calendars.england;
  const until = (duration: string): number =>
    dueAt(waiting.now, duration, calendar).getTime() - waiting.now.getTime();
  const { messageId, deliveryId, partner, band, test } = waiting;
  station(log, `delivery.${pastOf[copy.action]}`, { messageId, deliveryId, partner, code: copy.code });
  return {
    deliveryId,
    from: [waiting.state as Settlement['from'][number]],
    ...refusedCopy(copy, until, rules.alliance.policy),
    detail: { code: copy.code, was: waiting.state },
    ...(!test && BANDS[band] === 'urgent' && { alert: stopped(waiting, copy) }),
  };
}

/** What has left cannot be taken back, what may have left is a question for a person, and what leaves is nobody's to end. */
function mayChange(
  rules: DeriveRules,
  { state, partner, faultCode, uncertain, recalled }: WaitingCopy,
): boolean {
  if (state === 'handed-over') return rules.partners.get(partner)?.channel === 'inbox';
  if (state === 'claimed' || uncertain) return false;
  // Our own gap stays until somebody has closed it, unless the message is needed no more.
  return recalled || faultCode === null || !faultCode.startsWith('routing/');
}

async function derived(
  { rules, log }: ReexamineTools,
  waiting: WaitingCopy,
): Promise<DerivedCopy | undefined> {
  try {
    return await deriveCopy(rules, waiting, waiting.now);
  } catch (error) {
    if (ledgerTrouble(error)) throw error;
    const { messageId, deliveryId, partner } = waiting;
    log.error(
      { messageId, deliveryId, partner, err: safeError(error) },
      'a waiting copy could not be looked at',
    );
    return undefined;
  }
}
