import type { Pool } from 'pg';
import type { CaseArea } from '#contracts';

export interface TimelineEntry {
  at: string;
  station: string;
  messageId: string | null;
  deliveryId: string | null;
  partner: string | null;
  detail: Record<string, unknown> | null;
}

export interface MessageView {
  messageId: string;
  source: string;
  id: string;
  type: string;
  caseRef: string | null;
  acceptedAt: string;
  band: number;
  test: boolean;
  answer: string;
  causationId: string | null;
  deliveries: DeliveryView[];
  timeline: TimelineEntry[];
}

export interface DeliveryView {
  deliveryId: string;
  partner: string;
  role: string;
  state: string;
  attempts: number;
  dueAt: string | null;
  owner: string | null;
  code: string | null;
  endedAt: string | null;
}

/** A message as a party may see it: staff all of it, a partner its own message or only its own delivery. */
export async function readMessage(
  pool: Pool,
  messageId: string,
  viewer: { partner: string | null },
): Promise<MessageView | undefined> {
  const { rows } = await pool.query(
    `select message_id as "messageId", source, external_id as id, type, case_ref as "caseRef", accepted_at as "acceptedAt",
            band, test, answer, causation_id as "causationId"
     from message where message_id = $1`,
    [messageId],
  );
  const message = rows[0] as Omit<MessageView, 'deliveries' | 'timeline'> | undefined;
  if (!message) return undefined;
  const all = await readDeliveries(pool, messageId);
  const own = viewer.partner === null || message.source === `/partners/${viewer.partner}`;
  const deliveries = own ? all : all.filter((d) => d.partner === viewer.partner);
  if (!own && deliveries.length === 0) return undefined;
  const timeline = await readEntries(pool, 'message_id = $1', messageId);
  const ids = new Set(deliveries.map((d) => d.deliveryId));
  return {
    ...message,
    // The sender's own id is the sender's.
    id: own ? message.id : message.messageId,
    deliveries,
    timeline: (own
      ? timeline
      : timeline.filter((entry) => entry.deliveryId !== null && ids.has(entry.deliveryId))
    ).map((entry) => forViewer(entry, viewer)),
  };
}

async function readDeliveries(pool: Pool, messageId: string): Promise<DeliveryView[]> {
  const { rows } = await pool.query(
    `select delivery_id as "deliveryId", partner, role, state, attempts, due_at as "dueAt", owner, fault_code as code,
            null::timestamptz as "endedAt" from delivery where message_id = $1
     union all
     select delivery_id, partner, role, state, attempts, null, null, case when state <> 'acknowledged' then fault_code end, ended_at
     from delivery_ended where message_id = $1
     order by partner, "deliveryId"`,
    [messageId],
  );
  return rows as DeliveryView[];
}

/** Which message this sender's id became. */
export async function findMessage(pool: Pool, source: string, id: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ message_id: string }>(
    'select message_id from message_key where source = $1 and id = $2',
    [source, id],
  );
  return rows[0]?.message_id;
}

/** One child's story, across messages. A partner sees only entries of what it sent or was sent. */
export async function readCaseTimeline(
  pool: Pool,
  caseRef: string,
  viewer: { partner: string | null },
): Promise<TimelineEntry[]> {
  const entries = await readEntries(pool, 'case_ref = $1', caseRef);
  if (viewer.partner === null) return entries;
  const { rows } = await pool.query<{ message_id: string }>(
    `select message_id from message m where case_ref = $1 and source = '/partners/' || $2
     union select message_id from delivery where case_ref = $1 and partner = $2
     union select m.message_id from message m join delivery_ended d on d.message_id = m.message_id and d.partner = $2
           where m.case_ref = $1`,
    [caseRef, viewer.partner],
  );
  const own = new Set(rows.map((row) => row.message_id));
  return entries
    .filter(
      (entry) =>
        entry.messageId !== null &&
        own.has(entry.messageId) &&
        (entry.deliveryId === null || entry.partner === viewer.partner),
    )
    .map((entry) => forViewer(entry, viewer));
}

/** Who of our staff did something, and what they wrote beside it, is for staff. */
function forViewer(entry: TimelineEntry, viewer: { partner: string | null }): TimelineEntry {
  if (viewer.partner === null || entry.detail === null) return entry;
  const { by: _by, reason: _reason, ...detail } = entry.detail;
  return { ...entry, detail };
}

export interface CaseView {
  caseRef: string;
  area: CaseArea;
  owner: string;
  /** Staff see it; a partner only where it is itself. */
  ownerPartner?: string;
  provisional: boolean;
  openedAt: string;
  dueAt: string;
  /** For staff. */
  parties?: string[];
}

export async function readCase(
  pool: Pool,
  caseRef: string,
  viewer: { partner: string | null },
): Promise<CaseView | undefined> {
  const { rows } = await pool.query(
    `select case_ref as "caseRef", area, owner, owner_partner as "ownerPartner", provisional, opened_at as "openedAt",
       due_at as "dueAt",
       (select array_agg(p.partner order by p.partner) from case_party p where p.case_ref = c.case_ref) as parties
     from cases c where case_ref = $1
       and ($2::text is null or exists (select 1 from case_party p where p.case_ref = c.case_ref and p.partner = $2))`,
    [caseRef, viewer.partner],
  );
  const found = rows[0] as CaseView | undefined;
  if (!found || viewer.partner === null) return found;
  // Which other services a child is with is nobody's to learn from here.
  const { parties: _parties, ownerPartner, ...own } = found;
  return { ...own, ...(ownerPartner === viewer.partner && { ownerPartner }) };
}

async function readEntries(pool: Pool, where: string, value: string): Promise<TimelineEntry[]> {
  const { rows } = await pool.query(
    `select at, stations, message_id as "messageId", delivery_id as "deliveryId", partner, detail
     from timeline where ${where} order by at, id limit 2000`,
    [value],
  );
  const entries = rows.flatMap(({ stations, ...entry }) =>
    (stations as string[]).map(
      (station) => ({ ...entry, at: timeOf(entry, station), station }) as TimelineEntry,
    ),
  );
  // Stations that were written together may have been reached at different times.
  return entries.sort((a, b) => a.at.localeCompare(b.at));
}

/** Stations of one row share its time, but for those whose own time the detail names. */
function timeOf(
  entry: { at: Date; detail: { times?: Record<string, string> } | null },
  station: string,
): string {
  return entry.detail?.times?.[station] ?? entry.at.toISOString();
}

/** The latest messages that a viewer may see, newest first, from before the given one. */
export async function listMessages(
  pool: Pool,
  viewer: { partner: string | null },
  page: { before: string | null; limit: number },
): Promise<Omit<MessageView, 'deliveries' | 'timeline' | 'id'>[]> {
  const { rows } = await pool.query(
    `select message_id as "messageId", source, type, case_ref as "caseRef", accepted_at as "acceptedAt", band, test, answer,
            causation_id as "causationId"
     from message m
     where ($1::uuid is null or message_id < $1)
       and ($2::text is null or source = '/partners/' || $2
            or exists (select 1 from delivery d where d.message_id = m.message_id and d.partner = $2)
            or exists (select 1 from delivery_ended d where d.message_id = m.message_id and d.partner = $2))
     order by message_id desc limit $3`,
    [page.before, viewer.partner, page.limit],
  );
  return rows as Omit<MessageView, 'deliveries' | 'timeline' | 'id'>[];
}
