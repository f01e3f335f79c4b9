import type { Pool } from 'pg';
import type { FakePartner } from '../../support/fake-partner.js';
import type { AllianceForFaults } from './alliance-for-faults.js';
import { hubClient, type Kept, type Load } from './load.js';
import type { Stage } from './stage.js';

/** One copy as the ledger has it, live or ended. */
export interface Copy {
  deliveryId: string;
  messageId: string;
  partner: string;
  type: string;
  state: string;
  owner: string;
  dueAt: Date;
  code: string | null;
  attempts: number;
  /** State of the one that it waits behind, where it waits. */
  behind: string | null;
}

export async function readCopies(pool: Pool): Promise<Copy[]> {
  const { rows } = await pool.query<Copy>(
    `select d.delivery_id as "deliveryId", d.message_id as "messageId", d.partner, d.type, d.state, d.owner,
            d.due_at as "dueAt", d.fault_code as code, d.attempts, h.state as behind
     from delivery d
     left join lane l on l.partner = d.partner and l.lane_key = d.lane_key and d.state = 'queued'
     left join delivery h on h.delivery_id = l.head
     union all
     select delivery_id, message_id, partner, type, state, owner, due_at, fault_code, attempts, null from delivery_ended`,
  );
  return rows;
}

/** A copy that is at rest: ended, in its reader's inbox, parked with an owner and a clock, or held by one that is. */
function isAtRest(copy: Copy): boolean {
  if (['acknowledged', 'handed-over'].includes(copy.state)) return true;
  if (copy.state === 'queued') return copy.behind === 'parked' || copy.behind === 'handed-over';
  return copy.state === 'parked' && (copy.code ?? '').startsWith('uncertain/') && copy.owner !== '';
}

/** Throws, naming some, while a copy is still on its way or has ended as none should here. */
export async function everythingAtRest(pool: Pool): Promise<Copy[]> {
  const copies = await readCopies(pool);
  const moving = copies.filter((copy) => !isAtRest(copy));
  if (moving.length > 0)
    throw new Error(
      `${moving.length} of ${copies.length} are not at rest: ${JSON.stringify(moving.slice(0, 3))}`,
    );
  return copies;
}

/**
 * What is wrong after a fault, in a line each: a Receipt that is not kept, a double at a partner that cannot tell, a copy
 * that its partner never had, an urgent one that did not arrive or came again unmarked, a broken invariant.
 */
export async function whatWentWrong(stage: Stage, copies: readonly Copy[], load?: Load): Promise<string[]> {
  const fakes = [...stage.partners];
  const late = copies.filter(({ type, state }) => type.startsWith('mta.risk.') && state !== 'acknowledged');
  return [
    ...(load ? await brokenReceipts(stage.pool, load.kept) : []),
    ...fakes.flatMap(([id, fake]) => (fake.doubles() > 0 ? [`${fake.doubles()} doubles at ${id}`] : [])),
    ...acknowledgedButNotReceived(copies, stage.partners).map((copy) => `not received: ${copy}`),
    ...wrongInDrops(copies, stage.partners),
    ...fakes.flatMap(([id, fake]) => unmarkedRepeats(fake).map((copy) => `unmarked at ${id}: ${copy}`)),
    ...late.map(({ deliveryId, partner, state }) => `urgent ${deliveryId} to ${partner} is ${state}`),
    ...(await checkFinds(stage.alliance)).map((finding) => JSON.stringify(finding)),
  ];
}

/** What is wrong with Receipts: each must be one message, under the id it names, with these very bytes. */
async function brokenReceipts(pool: Pool, kept: readonly Kept[]): Promise<string[]> {
  const { rows } = await pool.query<{
    source: string;
    id: string;
    message_id: string;
    receipt: string;
    n: number;
  }>(
    `select k.source, k.id, k.message_id, k.receipt,
            (select count(*)::integer from message m where m.source = k.source and m.external_id = k.id) as n
     from message_key k where k.source like '/partners/%'`,
  );
  const keys = new Map(rows.map((row) => [`${row.source} ${row.id}`, row]));
  const wrong = kept.flatMap(({ party, id, receipt, messageId }) => {
    const key = keys.get(`/partners/${party} ${id}`);
    if (!key) return [`${id}: not in the ledger`];
    if (key.message_id !== messageId) return [`${id}: another message`];
    if (key.receipt !== receipt) return [`${id}: another Receipt`];
    return key.n === 1 ? [] : [`${id}: ${key.n} messages`];
  });
  return keys.size === kept.length ? wrong : [...wrong, `${keys.size} messages for ${kept.length} Receipts`];
}

/** What partners' messages in the ledger and those wanted (`<source> <id>`) do not have in common, or have twice. */
export async function messagesBesides(pool: Pool, wanted: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; n: number }>(
    `select source || ' ' || external_id as name, count(*)::integer as n
     from message where source like '/partners/%' group by 1`,
  );
  const there = new Set(rows.map(({ name }) => name));
  return [
    ...[...wanted].filter((name) => !there.has(name)).map((name) => `missing: ${name}`),
    ...rows.filter(({ name }) => !wanted.has(name)).map(({ name }) => `unknown: ${name}`),
    ...rows.filter(({ n }) => n > 1).map(({ name }) => `twice: ${name}`),
  ];
}

/** Copies that the ledger calls acknowledged and the partner never had. */
function acknowledgedButNotReceived(copies: readonly Copy[], partners: Stage['partners']): string[] {
  return copies
    .filter(({ state, partner }) => state === 'acknowledged' && partners.has(partner))
    .filter(({ deliveryId, partner }) => !partners.get(partner)!.effects.has(deliveryId))
    .map(({ deliveryId, partner }) => `${deliveryId} at ${partner}`);
}

/** Copies that were handed over and do not lie there, and ordinary ones that lie there twice. */
function wrongInDrops(copies: readonly Copy[], { drops }: Stage['partners']): string[] {
  const lying = drops.lying();
  return copies.flatMap(({ deliveryId, partner, state, type }) => {
    const times = lying.get(partner)?.get(deliveryId) ?? 0;
    if (!lying.has(partner)) return [];
    if (state === 'handed-over' && times === 0) return [`not handed over: ${deliveryId} to ${partner}`];
    const urgent = type.startsWith('mta.risk.');
    return times > 1 && !urgent ? [`${times} times at ${partner}: ${deliveryId}`] : [];
  });
}

/** Repeats of urgent copies that do not say that they may be repeats. */
function unmarkedRepeats(fake: FakePartner): string[] {
  return fake.received
    .filter(({ copy, body }) => copy > 1 && String(body['type']).startsWith('mta.risk.'))
    .filter(({ body }) => body['possiblerepeat'] !== true)
    .map(({ deliveryid }) => deliveryid);
}

/** What `hub check` finds wrong on the running hub. */
async function checkFinds(alliance: AllianceForFaults): Promise<unknown[]> {
  const answer = await hubClient(alliance).get('/v1/check');
  if (answer.status !== 200) throw new Error(`check answered ${answer.status}: ${await answer.text()}`);
  const { clean, invariants } = (await answer.json()) as { clean: boolean; invariants: { ok: boolean }[] };
  const broken = invariants.filter(({ ok }) => !ok);
  return clean || broken.length > 0 ? broken : ['not clean, and nothing named'];
}

/** One line of figures on the terminal. */
export function tellFigures(name: string, figures: Record<string, number>): void {
  const text = Object.entries(figures).map(([what, value]) => `${what} ${Math.round(value * 10) / 10}`);
  process.stderr.write(`${name}: ${text.join(', ')}\n`);
}

export function countStates(copies: readonly Copy[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of copies) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
