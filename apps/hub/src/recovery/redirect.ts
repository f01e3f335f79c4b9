import type { Partner } from '#contracts';
import { dateIn } from '../cases/calendar.js';
import type { Hub } from '../hub.js';
import { redirectedIdOf } from '../intake/plan-deliveries.js';
import {
  audit,
  readDeadLetter,
  readDeadLetters,
  readLeftBehind,
  type DeadLetter,
} from '../store/dead-letters.js';
import { ledgerNow } from '../store/ledger-now.js';
import { redirectDelivery } from '../store/redirect-delivery.js';
import { FORBIDDEN, isForbidden, type DeskResult } from './desk.js';
import { pastFillings } from './past-fillings.js';

/** What needs a person: parked deliveries, and live ones to a partner whose role another one fills now. */
export async function readDesk(
  hub: Hub,
  page: { limit: number; partner: string | null },
): Promise<DeadLetter[]> {
  const { pool } = hub.parts;
  const past = pastFillings(hub.rules.alliance.roles, await todayOf(hub));
  return [...(await readDeadLetters(pool, page)), ...(await readLeftBehind(pool, past, page))];
}

/** One of them. */
export async function readLetter(hub: Hub, deliveryId: string): Promise<DeadLetter | undefined> {
  const past = pastFillings(hub.rules.alliance.roles, await todayOf(hub));
  return readDeadLetter(hub.parts.pool, deliveryId, past);
}

async function todayOf(hub: Hub): Promise<string> {
  return dateIn(
    hub.rules.alliance.calendars.england?.zone ?? 'Europe/London',
    await ledgerNow(hub.parts.pool),
  );
}

/**
 * Another partner gets it instead: whoever fills its role today, or another role. The old delivery ends superseded, a
 * new one is linked to it, and consent and agreement are checked anew for the new recipient.
 */
export async function redirect(
  hub: Hub,
  deliveryId: string,
  by: string,
  reason: string,
  toRole?: string,
): Promise<DeskResult> {
  const { pool } = hub.parts;
  const letter = await readLetter(hub, deliveryId);
  if (!letter) return { done: false, why: 'not-found' };
  const role = toRole ?? letter.role;
  const target = await redirectTarget(hub, letter, role, await todayOf(hub));
  if ('detail' in target) return { done: false, why: 'conflict', detail: target.detail };
  await audit(pool, by, 'dead-letter.redirect', deliveryId, { reason, role, partner: target.id });
  const successor = redirectedIdOf(deliveryId, target.id);
  const done = await redirectDelivery(pool, {
    deliveryId,
    from: letter.partner,
    to: { partner: target.id, role, owner: target.owner, deliveryId: successor },
    by,
    reason,
  });
  if (!done.done) return { done: false, why: 'conflict', detail: NOT_REDIRECTED[done.why] };
  hub.wake(done.wake);
  return { done: true, letter, successor };
}

const NOT_REDIRECTED = {
  taken: 'The partner of that role has a copy of this message already.',
  recalled:
    'Its sender has taken it back: nobody may have it. Discard it when it is known whether it arrived.',
  moved: 'It is under way or has ended meanwhile. Look at it again.',
} as const;

/** The partner that a role means today, where it may have this message; else why not. */
async function redirectTarget(
  hub: Hub,
  letter: DeadLetter,
  role: string,
  today: string,
): Promise<Partner | { detail: string }> {
  const { alliance, contracts, partners } = hub.rules;
  const isTest = (id: string): boolean => partners.get(id)?.test === true;
  const filling = alliance.roles.find(
    (one) =>
      one.role === role &&
      one.from <= today &&
      (one.until === undefined || today <= one.until) &&
      isTest(one.partner) === letter.test,
  );
  const partner = filling && partners.get(filling.partner);
  if (!partner)
    return { detail: 'Nobody fills that role today. Name one that somebody fills: {"to": "<role>"}.' };
  if (partner.id === letter.partner) return { detail: 'It is for that partner already. Replay it.' };
  if (partner.id === letter.origin) return { detail: 'That is who sent it.' };
  const type = contracts.get(letter.type)?.type;
  if (!partner.reads.some((name) => name.replace(/\.v\d+$/, '') === type))
    return { detail: 'The partner of that role does not read this type.' };
  if (await isForbidden(hub, letter, { role, partner: partner.id })) return { detail: FORBIDDEN };
  return partner;
}
