import { CASE_RACED } from './accept-messages.js';

/** Part of accept's transaction, for messages that take another one back. */
export const recallCopiesSql = `
-- Takes back what has not left, and makes sure that whoever has it is told: a claim that was faster begins the accept anew.
create or replace function recall_copies(ms accept_message[]) returns void language plpgsql as $$
begin
  perform 1 from delivery where message_id = any(array(select recalls from unnest(ms))) order by delivery_id for update;
  update delivery d set recalled = true
  from unnest(ms) m
  where d.message_id = m.recalls and (m."recalledFrom" is null or d.partner = any(string_to_array(m."recalledFrom", ',')));
  if exists (
    select 1 from unnest(ms) m cross join lateral received_copy(m.recalls, m."recalledFrom") r
    where m.recalls is not null and r.partner <> m.sender and not m.decision->'context'->'recipients' ? r.partner)
  then
    raise exception 'case-raced' using errcode = '${CASE_RACED}';
  end if;
  insert into reexamine (delivery_id)
  select d.delivery_id from unnest(ms) m join delivery d on d.message_id = m.recalls where d.recalled order by 1;
  insert into timeline (at, stations, message_id, case_ref, partner, detail)
  select m."acceptedAt", '{message.recalled}', r.message_id, r.case_ref, m.sender, jsonb_build_object('recall', m."messageId")
  from unnest(ms) m join message r on r.message_id = m.recalls;
end $$;
`;
