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

/** One round trip for a whole batch; answers in the order of the queries. */
export async function readContexts(pool: Pool, queries: readonly ContextQuery[]): Promise<IntakeContext[]> {
  const column = <K extends keyof ContextQuery>(key: K): ContextQuery[K][] => queries.map((q) => q[key]);
  const { rows } = await pool.query<Row>({
    name: 'read_contexts',
    text: 'select * from read_contexts($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      column('source'),
      column('externalId'),
      column('sender'),
      column('caseRef'),
      column('partnerCaseRef'),
      column('causationId'),
      queries.map((query) => query.recalls?.messageId ?? null),
      queries.map((query) => query.recalls?.partners?.join() ?? null),
    ],
  });
  return rows.map(contextOf);
}

function contextOf(row: Row): IntakeContext {
  return {
    now: row.now,
    known: row.digest && row.receipt !== null ? { digest: row.digest, receipt: row.receipt } : null,
    case: knownCase(row.case_ref, row.area, row.owner, row.owner_partner, row.case_test, row.parties),
    partnerCase: knownCase(
      row.p_case_ref,
      row.p_area,
      row.p_owner,
      row.p_owner_partner,
      row.p_test,
      row.p_parties,
    ),
    cause: causeOf(row),
    recalled: recalledOf(row),
  };
}

function causeOf(row: Row): IntakeContext['cause'] {
  if (row.cause_source === null || row.cause_type === null) return null;
  return {
    messageId: row.cause_id ?? '',
    source: row.cause_source,
    type: row.cause_type,
    caseRef: row.cause_case,
    facts: row.cause_facts ?? {},
    test: row.cause_test ?? false,
    askedRole: row.cause_role,
    decided: row.cause_decided,
    case: knownCase(
      row.cause_case,
      row.cause_area,
      row.cause_owner,
      row.cause_owner_partner,
      row.cause_test,
      row.cause_parties,
    ),
  };
}

function recalledOf(row: Row): IntakeContext['recalled'] {
  if (row.recalled_id === null || row.recalled_source === null) return null;
  return {
    messageId: row.recalled_id,
    source: row.recalled_source,
    recipients: row.recalled_to ?? [],
    case: knownCase(row.r_case_ref, row.r_area, row.r_owner, row.r_owner_partner, row.r_test, row.r_parties),
  };
}

function knownCase(
  caseRef: string | null,
  area: CaseArea | null,
  owner: string | null,
  ownerPartner: string | null,
  test: boolean | null,
  parties: string[] | null,
): KnownCase | null {
  if (caseRef === null || area === null || owner === null || ownerPartner === null) return null;
  return { caseRef, area, owner, ownerPartner, test: test ?? false, parties: parties ?? [] };
}

interface Row {
  now: Date;
  digest: Buffer | null;
  receipt: string | null;
  case_ref: string | null;
  area: CaseArea | null;
  owner: string | null;
  owner_partner: string | null;
  case_test: boolean | null;
  parties: string[] | null;
  p_case_ref: string | null;
  p_area: CaseArea | null;
  p_owner: string | null;
  p_owner_partner: string | null;
  p_test: boolean | null;
  p_parties: string[] | null;
  cause_id: string | null;
  cause_role: string | null;
  cause_decided: string | null;
  cause_area: CaseArea | null;
  cause_owner: string | null;
  cause_owner_partner: string | null;
  cause_parties: string[] | null;
  cause_source: string | null;
  cause_type: string | null;
  cause_case: string | null;
  cause_facts: Facts | null;
  cause_test: boolean | null;
  recalled_id: string | null;
  recalled_source: string | null;
  recalled_to: string[] | null;
  r_case_ref: string | null;
  r_area: CaseArea | null;
  r_owner: string | null;
  r_owner_partner: string | null;
  r_test: boolean | null;
  r_parties: string[] | null;
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

-- Its result has grown over the releases, which "or replace" cannot do.
drop function if exists read_contexts(text[], text[], text[], text[], text[], uuid[], uuid[], text[]);
-- Every look is by key, query by query (offset 0 keeps the planner from joining whole tables).
create function read_contexts(sources text[], external_ids text[], senders text[], case_refs text[],
                                         partner_case_refs text[], causation_ids uuid[], recalled_ids uuid[], recalled_from text[])
returns table (now timestamptz, digest bytea, receipt text,
  case_ref text, area text, owner text, owner_partner text, case_test boolean, parties text[],
  p_case_ref text, p_area text, p_owner text, p_owner_partner text, p_test boolean, p_parties text[],
  cause_id uuid, cause_role text, cause_decided text, cause_area text, cause_owner text, cause_owner_partner text, cause_parties text[],
  cause_source text, cause_type text, cause_case text, cause_facts jsonb, cause_test boolean,
  recalled_id uuid, recalled_source text, recalled_to text[],
  r_case_ref text, r_area text, r_owner text, r_owner_partner text, r_test boolean, r_parties text[])
language plpgsql stable ${HOT} as $$
#variable_conflict use_column
declare t timestamptz := ledger_now();
begin
  return query
  select t, k.digest, k.receipt,
    c.case_ref, c.area, c.owner, c.owner_partner, c.test,
    case when c.case_ref is not null then (select array_agg(p.partner) from case_party p where p.case_ref = c.case_ref) end,
    pc.case_ref, pc.area, pc.owner, pc.owner_partner, pc.test,
    case when pc.case_ref is not null then (select array_agg(p.partner) from case_party p where p.case_ref = pc.case_ref) end,
    m.message_id, case when role.asks and not asked_no_more(q.causation_id, q.sender) then role.role end,
    case when m.message_id is not null then (
      select a.facts->>'decision' from message a
      where a.causation_id = m.message_id and a.source = q.source and a.facts->>'decision' not in ('need-info')
      order by a.message_id limit 1) end,
    cc.area, cc.owner, cc.owner_partner,
    case when cc.case_ref is not null then (select array_agg(p.partner) from case_party p where p.case_ref = cc.case_ref) end,
    m.source, m.type, m.case_ref, m.facts, m.test,
    back.message_id, back.source,
    case when back.message_id is not null then (select array_agg(r.partner order by 1) from received_copy(back.message_id, q.recalled_from) r) end,
    rc.case_ref, rc.area, rc.owner, rc.owner_partner, rc.test,
    case when rc.case_ref is not null then (select array_agg(p.partner) from case_party p where p.case_ref = rc.case_ref) end
  from unnest(sources, external_ids, senders, case_refs, partner_case_refs, causation_ids, recalled_ids, recalled_from) with ordinality
    as q(source, external_id, sender, case_ref, partner_case_ref, causation_id, recalled_id, recalled_from, ord)
  left join lateral (
    select * from message_key k where k.source = q.source and k.id = q.external_id offset 0) k on true
  left join lateral (
    select * from cases c where c.case_ref = q.case_ref
      and exists (select 1 from case_party p where p.case_ref = q.case_ref and p.partner = q.sender) offset 0) c on true
  left join lateral (
    select * from cases c where c.case_ref = (
      select b.case_ref from partner_case b where b.partner = q.sender and b.partner_case_ref = q.partner_case_ref)
    offset 0) pc on true
  left join lateral (
    select d.role, d.asks from delivery d where d.message_id = q.causation_id and d.partner = q.sender
    union all
    select d.role, d.asks from delivery_ended d where d.message_id = q.causation_id and d.partner = q.sender
    limit 1) role on q.causation_id is not null
  left join lateral (
    select * from message m where m.message_id = q.causation_id
      and (m.source = '/partners/' || q.sender or role.role is not null) offset 0) m on q.causation_id is not null
  left join lateral (select * from cases c where c.case_ref = m.case_ref offset 0) cc on true
  left join lateral (
    select * from message m where m.message_id = q.recalled_id and (
      q.recalled_from is null
      or exists (select 1 from delivery d where d.message_id = q.recalled_id and d.partner = any(string_to_array(q.recalled_from, ',')))
      or exists (select 1 from delivery_ended d where d.message_id = q.recalled_id and d.partner = any(string_to_array(q.recalled_from, ','))))
    offset 0) back on q.recalled_id is not null
  left join lateral (select * from cases c where c.case_ref = back.case_ref offset 0) rc on back.case_ref is not null
  order by q.ord;
end $$;
`;
