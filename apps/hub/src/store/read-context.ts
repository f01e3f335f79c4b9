import type { Pool } from 'pg';
import type { CaseArea, Facts } from '#contracts';
import { HOT } from './hot.js';

export interface ContextQuery {
  source: string;
  externalId: string;
  sender: string;
  caseRef: string | null;
  partnerCaseRef: string | null;
  causationId: string | null;
  recalls: Recall | null;
}

/** The message that another one takes back, from these partners alone or from everybody. */
export interface Recall {
  messageId: string;
  partners: string[] | null;
}

/** What the ledger knows around one message, read before it is routed. */
export interface IntakeContext {
  /** Ledger time, the message's `acceptedAt`. */
  now: Date;
  /** The same (source, id) came before. */
  known: { digest: Buffer; receipt: string } | null;
  /** The case that `caseref` names, where the sender is a party of it. */
  case: KnownCase | null;
  /** The case that `partnercaseref` is bound to. */
  partnerCase: KnownCase | null;
  /** The message that `causationid` names, where the sender was a recipient of it. */
  cause: {
    messageId: string;
    source: string;
    type: string;
    caseRef: string | null;
    facts: Facts;
    test: boolean;
    /** The role in which the sender was asked, where it was and its copy was not taken from it since. */
    askedRole: string | null;
    /** The first final decision that the sender gave on it; a later, other one does not bind. */
    decided: string | null;
    /** The case's owner, where the cause has a case. */
    case: KnownCase | null;
  } | null;
  /** The message that is to be taken back, whoever sent it, and the partners that have or may have a copy. */
  recalled: { messageId: string; source: string; recipients: string[]; case: KnownCase | null } | null;
}

export interface KnownCase {
  caseRef: string;
  area: CaseArea;
  owner: string;
  ownerPartner: string;
  test: boolean;
  parties: string[];
}

/**
 * What a whole batch asks for, in the order of the queries. Causes and what is taken back are looked for only where a
 * message names some: most name none, and a look costs the most where it begins.
 */
export async function readContexts(pool: Pool, queries: readonly ContextQuery[]): Promise<IntakeContext[]> {
  const [known, causes, recalled] = await Promise.all([
    readKnown(pool, queries),
    readCauses(pool, queries),
    readRecalled(pool, queries),
  ]);
  return known.map((one, i) => ({ ...one, cause: causes.get(i) ?? null, recalled: recalled.get(i) ?? null }));
}

async function readKnown(
  pool: Pool,
  queries: readonly ContextQuery[],
): Promise<Pick<IntakeContext, 'now' | 'known' | 'case' | 'partnerCase'>[]> {
  const { rows } = await pool.query<KnownRow>({
    name: 'read_known',
    text: 'select * from read_known($1, $2, $3, $4, $5)',
    values: [
      queries.map(({ source }) => source),
      queries.map(({ externalId }) => externalId),
      queries.map(({ sender }) => sender),
      queries.map(({ caseRef }) => caseRef),
      queries.map(({ partnerCaseRef }) => partnerCaseRef),
    ],
  });
  return rows.map((row) => ({
    now: row.now,
    known: row.digest && row.receipt !== null ? { digest: row.digest, receipt: row.receipt } : null,
    case: knownCase(row.known_case),
    partnerCase: knownCase(row.partner_case),
  }));
}

/** By the place of the query. */
async function readCauses(
  pool: Pool,
  queries: readonly ContextQuery[],
): Promise<Map<number, NonNullable<IntakeContext['cause']>>> {
  const asked = queries.flatMap(({ causationId, sender }, i) =>
    causationId === null ? [] : [{ i, causationId, sender }],
  );
  if (asked.length === 0) return new Map();
  const { rows } = await pool.query<CauseRow>({
    name: 'read_causes',
    text: 'select * from read_causes($1, $2, $3)',
    values: [
      asked.map(({ i }) => i),
      asked.map(({ causationId }) => causationId),
      asked.map(({ sender }) => sender),
    ],
  });
  return new Map(
    rows.map((row) => [
      row.ord,
      {
        messageId: row.message_id,
        source: row.source,
        type: row.type,
        caseRef: row.case_ref,
        facts: row.facts,
        test: row.test,
        askedRole: row.asked_role,
        decided: row.decided,
        case: knownCase(row.known_case),
      },
    ]),
  );
}

/** By the place of the query. */
async function readRecalled(
  pool: Pool,
  queries: readonly ContextQuery[],
): Promise<Map<number, NonNullable<IntakeContext['recalled']>>> {
  const asked = queries.flatMap(({ recalls }, i) => (recalls ? [{ i, ...recalls }] : []));
  if (asked.length === 0) return new Map();
  const { rows } = await pool.query<RecalledRow>({
    name: 'read_recalled',
    text: 'select * from read_recalled($1, $2, $3)',
    values: [
      asked.map(({ i }) => i),
      asked.map(({ messageId }) => messageId),
      asked.map(({ partners }) => partners?.join() ?? null),
    ],
  });
  return new Map(
    rows.map((row) => [
      row.ord,
      {
        messageId: row.message_id,
        source: row.source,
        recipients: row.recipients ?? [],
        case: knownCase(row.known_case),
      },
    ]),
  );
}

function knownCase(row: CaseRow | null): KnownCase | null {
  if (row === null) return null;
  const { case_ref: caseRef, area, owner, owner_partner: ownerPartner, test, parties } = row;
  return { caseRef, area, owner, ownerPartner, test, parties: parties ?? [] };
}

interface CaseRow {
  case_ref: string;
  area: CaseArea;
  owner: string;
  owner_partner: string;
  test: boolean;
  parties: string[] | null;
}

interface KnownRow {
  now: Date;
  digest: Buffer | null;
  receipt: string | null;
  known_case: CaseRow | null;
  partner_case: CaseRow | null;
}

interface CauseRow {
  ord: number;
  message_id: string;
  source: string;
  type: string;
  case_ref: string | null;
  facts: Facts;
  test: boolean;
  asked_role: string | null;
  decided: string | null;
  known_case: CaseRow | null;
}

interface RecalledRow {
  ord: number;
  message_id: string;
  source: string;
  recipients: string[] | null;
  known_case: CaseRow | null;
}

/** A `KnownCase` of this row of `cases`, or null where there is none. */
function caseOf(alias: string): string {
  return `case when ${alias}.case_ref is not null then jsonb_build_object('case_ref', ${alias}.case_ref,
    'area', ${alias}.area, 'owner', ${alias}.owner, 'owner_partner', ${alias}.owner_partner, 'test', ${alias}.test,
    'parties', (select jsonb_agg(p.partner) from case_party p where p.case_ref = ${alias}.case_ref)) end`;
}

export const readContextsSql = `
-- Partners that a copy of a message has reached or may have reached: one that was answered, or any attempt that counted.
create or replace function received_copy(p_message uuid, p_from text) returns table (partner text) language sql stable as $$
  select d.partner from delivery d where d.message_id = p_message and d.attempts > 0
    and (p_from is null or d.partner = any(string_to_array(p_from, ',')))
  union
  select d.partner from delivery_ended d
  where d.message_id = p_message and (d.attempts > 0 or d.state = 'acknowledged')
    and (p_from is null or d.partner = any(string_to_array(p_from, ',')))
$$;

-- Whether a partner's copy was taken from it, by a redirect, a recall or a withdrawal: it is asked no more. A copy that it
-- has, or had and acknowledged, stands all the same.
create or replace function asked_no_more(p_message uuid, p_partner text) returns boolean language sql stable as $$
  select not exists (select 1 from delivery d where d.message_id = p_message and d.partner = p_partner)
    and exists (select 1 from delivery_ended d where d.message_id = p_message and d.partner = p_partner
                and d.state in ('superseded', 'withheld'))
    and not exists (select 1 from delivery_ended d where d.message_id = p_message and d.partner = p_partner
                    and d.state = 'acknowledged')
$$;

-- Every look is by key, query by query (offset 0 keeps the planner from joining whole tables).
create or replace function read_known(sources text[], external_ids text[], senders text[], case_refs text[],
                                      partner_case_refs text[])
returns table (now timestamptz, digest bytea, receipt text, known_case jsonb, partner_case jsonb)
language plpgsql stable ${HOT} as $$
#variable_conflict use_column
declare t timestamptz := ledger_now();
begin
  return query
  select t, k.digest, k.receipt, ${caseOf('c')}, ${caseOf('pc')}
  from unnest(sources, external_ids, senders, case_refs, partner_case_refs) with ordinality
    as q(source, external_id, sender, case_ref, partner_case_ref, ord)
  left join lateral (
    select * from message_key k where k.source = q.source and k.id = q.external_id offset 0) k on true
  left join lateral (
    select * from cases c where c.case_ref = q.case_ref
      and exists (select 1 from case_party p where p.case_ref = q.case_ref and p.partner = q.sender) offset 0) c on true
  left join lateral (
    select * from cases c where c.case_ref = (
      select b.case_ref from partner_case b where b.partner = q.sender and b.partner_case_ref = q.partner_case_ref)
    offset 0) pc on true
  order by q.ord;
end $$;

create or replace function read_causes(ords integer[], causation_ids uuid[], senders text[])
returns table (ord integer, message_id uuid, source text, type text, case_ref text, facts jsonb, test boolean,
               asked_role text, decided text, known_case jsonb)
language plpgsql stable ${HOT} as $$
#variable_conflict use_column
begin
  return query
  select q.ord, m.message_id, m.source, m.type, m.case_ref, m.facts, m.test,
    case when role.asks then case when not asked_no_more(q.causation_id, q.sender) then role.role end end,
    (select a.facts->>'decision' from message a
     where a.causation_id = m.message_id and a.source = '/partners/' || q.sender
       and a.facts->>'decision' not in ('need-info')
     order by a.message_id limit 1),
    ${caseOf('c')}
  from unnest(ords, causation_ids, senders) as q(ord, causation_id, sender)
  left join lateral (
    select d.role, d.asks from delivery d where d.message_id = q.causation_id and d.partner = q.sender
    union all
    select d.role, d.asks from delivery_ended d where d.message_id = q.causation_id and d.partner = q.sender
    limit 1) role on true
  cross join lateral (
    select * from message m where m.message_id = q.causation_id
      and (m.source = '/partners/' || q.sender or role.role is not null) offset 0) m
  left join lateral (select * from cases c where c.case_ref = m.case_ref offset 0) c on true;
end $$;

create or replace function read_recalled(ords integer[], message_ids uuid[], recalled_from text[])
returns table (ord integer, message_id uuid, source text, recipients text[], known_case jsonb)
language plpgsql stable ${HOT} as $$
#variable_conflict use_column
begin
  return query
  select q.ord, m.message_id, m.source,
    (select array_agg(r.partner order by 1) from received_copy(m.message_id, q.recalled_from) r),
    ${caseOf('c')}
  from unnest(ords, message_ids, recalled_from) as q(ord, message_id, recalled_from)
  cross join lateral (
    select * from message m where m.message_id = q.message_id and (
      q.recalled_from is null
      or exists (select 1 from delivery d where d.message_id = q.message_id and d.partner = any(string_to_array(q.recalled_from, ',')))
      or exists (select 1 from delivery_ended d where d.message_id = q.message_id and d.partner = any(string_to_array(q.recalled_from, ','))))
    offset 0) m
  left join lateral (select * from cases c where c.case_ref = m.case_ref offset 0) c on true;
end $$;
`;
