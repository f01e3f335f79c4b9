import { CASE_RACED } from './accept-messages.js';

/** Part of accept's transaction, for messages that go to whoever holds something of their case. */
export const tellHoldersSql = `
-- Whoever came to the case after its holders were looked for would keep what it has and never hear of it: the accept
-- begins anew. Under the case's lock nobody comes to it.
create or replace function tell_holders(hs jsonb, fresh uuid[]) returns void language plpgsql as $$
begin
  if exists (
    select 1 from jsonb_to_recordset(hs) as h("messageId" uuid, "caseRef" text, known jsonb)
    join case_party p on p.case_ref = h."caseRef"
    where h."messageId" = any(fresh) and not h.known ? p.partner)
  then
    raise exception 'case-raced' using errcode = '${CASE_RACED}';
  end if;
end $$;
`;
