import { sourceOfPartner, type DeliveryState, type Envelope, type MinimisedMessage } from '#contracts';
import { dueAt } from '../cases/calendar.js';
import { deriveCopy, type DerivedCopy } from '../dispatch/derive-copy.js';
import { refusedCopy } from '../dispatch/dispatch.js';
import { MOST_LOOKS, type Hub } from '../hub.js';
import type { IntakeAnswer } from '../intake/intake.js';
import { readCarried } from '../store/read-carried.js';
import { findMessage } from '../store/read-timeline.js';
import { noteReading, readEnded, readInbox, readInboxEntry, type InboxEntry } from '../store/read-inbox.js';

/** A copy as a partner finds it in its inbox. */
export interface InboxItem {
  deliveryId: string;
  /** Acknowledge it by then, RFC 3339; later a person is told. */
  ackBy: string;
  message: MinimisedMessage;
}

const MOST = 50;

/**
 * What waits for the partner. Consent and agreement are checked anew at each reading: a copy that may no longer leave is
 * withheld or blocked here and now. Waits up to `waitMs` for something to come.
 */
export async function fetchInbox(
  hub: Hub,
  partner: string,
  waitMs: number,
  gone: AbortSignal,
): Promise<InboxItem[]> {
  const until = performance.now() + waitMs;
  for (;;) {
    const news = nextNews(hub, partner, Math.min(1_000, Math.max(0, until - performance.now())), gone);
    const entries = await readInbox(hub.parts.pool, partner, MOST);
    const items = await Promise.all(entries.map((entry) => itemOf(hub, entry)));
    const readable = items.filter((item) => item !== undefined);
    if (readable.length > 0 || performance.now() >= until || gone.aborted) {
      news.cancel();
      return readable;
    }
    await news.come;
  }
}

/** From where a copy that lies in our inbox is acknowledged: what was taken out of it meanwhile is not. */
const IN_INBOX: readonly DeliveryState[] = ['handed-over', 'parked'];
/** What was carried out of the house is beyond recall: its acknowledgement is proof of arrival wherever we stand (R4). */
const CARRIED: readonly DeliveryState[] = [...IN_INBOX, 'queued', 'ready', 'claimed', 'blocked'];

/**
 * The partner says that it has the copy. Again is as well; another's or unknown is `not-found`. It is settled from the
 * state in which it was seen: an acknowledgement that overtakes its attempt's outcome is the record of what left.
 */
export async function acknowledge(
  hub: Hub,
  partner: string,
  deliveryId: string,
): Promise<'acknowledged' | 'not-found' | 'conflict'> {
  const { pool } = hub.parts;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const live = await readCarried(pool, partner, deliveryId);
    if (!live) {
      const ended = await readEnded(pool, partner, deliveryId);
      if (!ended) return 'not-found';
      return ended.state === 'acknowledged' ? 'acknowledged' : 'conflict';
    }
    const { state, attempts: attempt, attemptId } = live;
    const carried = hub.partner(partner)?.channel !== 'inbox' && attempt > 0;
    if (!(carried ? CARRIED : IN_INBOX).includes(state)) return 'conflict';
    const under = state === 'claimed' && attemptId !== null ? { deliveryId, attemptId, attempt } : undefined;
    const { applied } = await hub.settle([
      {
        deliveryId,
        ...(under && { attemptId: under.attemptId }),
        from: [state],
        verb: { do: 'end', state: 'acknowledged' },
        stations: ['partner.received'],
        detail: { by: 'inbox', ...(under && (await hub.carriedBy(under))) },
      },
    ]);
    if (applied.has(deliveryId)) return 'acknowledged';
  }
  return 'conflict';
}

/**
 * A partner without a server answers: the decision becomes a message of its own, by the same intake as any other. The
 * delivery names it, so the same decision again gets the same Receipt and another one is refused. Where the request may
 * be answered by several types, the body is of the one whose schema takes it.
 */
export async function decide(
  hub: Hub,
  partner: string,
  deliveryId: string,
  data: Record<string, unknown>,
): Promise<IntakeAnswer | 'withdrawn' | undefined> {
  const { pool } = hub.parts;
  const live = await readInboxEntry(pool, partner, deliveryId);
  const ended = live ? undefined : await readEnded(pool, partner, deliveryId);
  const messageId = live?.messageId ?? ended?.messageId;
  if (messageId === undefined) return undefined;
  const id = `decision-${deliveryId}`;
  const source = sourceOfPartner(partner);
  // A decision that was taken before is answered as ever (R2); a new one on what was taken away is none.
  if (ended && ended.state !== 'acknowledged' && (await findMessage(pool, source, id)) === undefined)
    return 'withdrawn';
  const { rows } = await pool.query<{ answer: string; case_ref: string | null }>(
    'select answer, case_ref from message where message_id = $1',
    [messageId],
  );
  const cause = rows[0];
  const { contracts } = hub.rules;
  const answers = (cause?.answer ?? '').split(' ').flatMap((type) => contracts.byType(type).at(-1) ?? []);
  const envelopes = answers.map((contract): Envelope => ({
    specversion: '1.0',
    id,
    source,
    type: contract.name,
    datacontenttype: 'application/json',
    causationid: messageId,
    ...(cause && cause.case_ref !== null && { caseref: cause.case_ref }),
    data,
  }));
  const fitting = answers.findIndex(
    (contract, i) => contracts.validate(contract, envelopes[i] as Envelope).length === 0,
  );
  // Where none fits, the first says what is wrong.
  const envelope = envelopes[Math.max(0, fitting)];
  return envelope && hub.intake({ text: JSON.stringify(envelope), partner });
}

async function itemOf(hub: Hub, entry: InboxEntry): Promise<InboxItem | undefined> {
  const copy = await deriveCopy(hub.rules, entry, entry.now);
  if (copy.message) {
    await noteChange(hub, entry, copy);
    return { deliveryId: entry.deliveryId, ackBy: entry.dueAt.toISOString(), message: copy.message };
  }
  const { policy, calendars } = hub.rules.alliance;
  const until = (duration: string): number =>
    dueAt(entry.now, duration, calendars.england).getTime() - entry.now.getTime();
  await hub.settle([
    {
      deliveryId: entry.deliveryId,
      from: ['handed-over'],
      ...refusedCopy(copy, until, policy),
      detail: { code: copy.code },
    },
  ]);
  return undefined;
}

/** What can be read now may be more or less than what was put there: then the record says so before it is read. */
async function noteChange(
  hub: Hub,
  entry: InboxEntry,
  copy: Extract<DerivedCopy, { message: MinimisedMessage }>,
): Promise<void> {
  const [form] = await hub.forms.keep([copy.form]);
  if (form === undefined || form === entry.form) return;
  const { consent } = copy;
  await noteReading(hub.parts.pool, entry, { attempt: entry.attempt, arrived: 'yes', form, consent });
}

/** Resolves at the partner's next wake-up, after `ms`, or when the asker has gone. */
function nextNews(
  hub: Hub,
  partner: string,
  ms: number,
  gone: AbortSignal,
): { come: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = hub.onWake((woken) => {
    if (woken === partner) resolve();
  });
  const timer = setTimeout(resolve, ms);
  gone.addEventListener('abort', () => resolve(), { once: true });
  const cancel = (): void => {
    clearTimeout(timer);
    stop();
  };
  return { come: promise.finally(cancel), cancel };
}
