import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql, acceptTypesSql } from '../accept-messages.js';
import { claimDeliveriesSql } from '../claim-deliveries.js';
import { readAttemptsSql } from '../read-attempts.js';
import { readContextsSql } from '../read-context.js';
import { settleDeliveriesSql, settleTypesSql } from '../settle-deliveries.js';

/**
 * The first shape of the ledger. Hot tables keep room on each page and are vacuumed early, because a state change is
 * never HOT: `state` stands in the partial indexes that make claiming quick.
 */
export class Ledger0001 implements MigrationInterface {
  name = 'Ledger1761955200001';

  async up(db: QueryRunner): Promise<void> {
    for (const sql of [time, messages, cases, deliveries, record, people, wires]) await db.query(sql);
    for (const sql of [
      readContextsSql,
      acceptTypesSql,
      acceptMessagesSql,
      claimDeliveriesSql,
      readAttemptsSql,
      settleTypesSql,
      settleDeliveriesSql,
    ])
      await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}

const time = `
-- Ledger time is this one function: the clock plus a shift that only tests set.
create table ledger_clock (one boolean primary key default true check (one), shift interval not null default '0');
insert into ledger_clock default values;
create function ledger_now() returns timestamptz language sql stable parallel safe as
  $$ select clock_timestamp() + (select shift from ledger_clock) $$;

-- The bounds of a month as UUIDv7 values, so that messages are partitioned by their own id.
create function uuid7_floor(at timestamptz) returns uuid language sql immutable as
  $$ select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid $$;

-- Makes the partitions of the month of the given time and of the next two.
create function ensure_partitions(from_time timestamptz) returns void language plpgsql as $$
declare m timestamptz; n timestamptz; tag text; t text;
begin
  for i in 0..2 loop
    m := date_trunc('month', from_time at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
    n := m + interval '1 month';
    tag := to_char(m at time zone 'UTC', 'YYYYMM');
    foreach t in array array['message', 'body'] loop
      execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
        t || '_' || tag, t, uuid7_floor(m), uuid7_floor(n));
    end loop;
    foreach t in array array['delivery_ended', 'timeline'] loop
      execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
        t || '_' || tag, t, m, n);
    end loop;
  end loop;
end $$;
`;

const messages = `
-- What makes a message the same again (R2). Never purged, never partitioned.
create table message_key (
  source text not null,
  id text not null,
  digest bytea not null,
  message_id uuid not null,
  receipt text not null,
  primary key (source, id)
);

create table message (
  message_id uuid not null primary key,
  source text not null,
  external_id text not null,
  type text not null,
  band smallint not null,
  accepted_at timestamptz not null,
  case_ref text,
  case_seq bigint,
  causation_id uuid,
  basis text,
  answer text not null,
  test boolean not null default false,
  facts jsonb not null,
  decision jsonb not null,
  findings jsonb
) partition by range (message_id);
create index message_case on message (case_ref, message_id) where case_ref is not null;
create index message_cause on message (causation_id) where causation_id is not null;
create table message_default partition of message default;

-- The whole envelope, sealed with the key of its month.
create table body (
  message_id uuid not null primary key,
  sealed bytea not null
) partition by range (message_id);
alter table body alter column sealed set storage external;
create table body_default partition of body default;

create table sealing_key (
  month text primary key,
  kid text not null,
  wrapped bytea not null
);
`;

const cases = `
create table cases (
  case_ref text primary key,
  opened_by uuid not null,
  opened_at timestamptz not null,
  provisional boolean not null default false,
  test boolean not null default false,
  owner text not null,
  owner_partner text not null,
  due_at timestamptz not null,
  -- An acceptance that names a later day: the owner changes then.
  next_owner text,
  next_owner_partner text,
  next_owner_from timestamptz,
  next_seq bigint not null default 0
) with (fillfactor = 80);

create index cases_next_owner on cases (next_owner_from) where next_owner_from is not null;

create table partner_case (
  partner text not null,
  partner_case_ref text not null,
  case_ref text not null references cases,
  primary key (partner, partner_case_ref)
);
create index partner_case_back on partner_case (case_ref, partner);

-- Who has sent or was sent anything in a case: who may join it, and who holds it.
create table case_party (
  case_ref text not null,
  partner text not null,
  primary key (case_ref, partner)
);

-- The latest statement by accept order binds.
create table consent (
  seq bigint generated always as identity primary key,
  case_ref text not null,
  party text not null,
  data_class text not null,
  purpose text not null,
  status text not null,
  message_id uuid not null,
  at timestamptz not null
);
create index consent_case on consent (case_ref, seq);

-- Promises. next_at is when the next warning or the breach is due.
create table clock (
  clock_id uuid primary key default gen_random_uuid(),
  name text not null,
  message_id uuid not null,
  case_ref text,
  owner text not null,
  stops text[] not null,
  started_at timestamptz not null,
  due_at timestamptz not null,
  next_at timestamptz not null,
  stage smallint not null default 0,
  state text not null default 'running',
  policy text not null
);
create index clock_running on clock (next_at) where state = 'running';
create index clock_message on clock (message_id) where state in ('running', 'breached');
`;

const deliveryColumns = `
  delivery_id uuid not null,
  message_id uuid not null,
  partner text not null,
  role text not null,
  origin text not null,
  type text not null,
  band smallint not null,
  asks boolean not null,
  test boolean not null,
  accepted_at timestamptz not null,
  case_ref text,
  case_seq bigint,
  lane_key text,
  lane_seq bigint,
  state text not null,
  due_at timestamptz not null,
  owner text not null,
  attempt_id uuid,
  attempts integer not null default 0,
  claimed_at timestamptz,
  started_at timestamptz,
  not_after timestamptz,
  timeout_ms integer,
  head_since timestamptz,
  uncertain boolean not null default false,
  possible_repeat boolean not null default false,
  told smallint not null default 0,
  fault_code text,
  fault_stage text,
  fault_detail text,
  replaces uuid`;

const deliveries = `
-- The order in which deliveries of one (partner, case) wait. Accept and settle both lock the row.
create table lane (
  partner text not null,
  lane_key text not null,
  next_seq bigint not null,
  head uuid,
  primary key (partner, lane_key)
) with (fillfactor = 80);

-- Live deliveries only; ended ones move out at settle.
create table delivery (${deliveryColumns},
  primary key (delivery_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0.02);
create index delivery_ready on delivery (partner, band, due_at) where state = 'ready';
create index delivery_claimed on delivery (partner, band) where state = 'claimed';
create index delivery_queued on delivery (partner, lane_key, lane_seq) where state = 'queued';
create index delivery_waiting on delivery (due_at) where state in ('blocked', 'handed-over', 'parked');
create index delivery_blocked on delivery (case_ref) where state = 'blocked';
create index delivery_message on delivery (message_id);
-- The inbox of a partner, and urgent work that is late: both are few, among however many wait.
create index delivery_inbox on delivery (partner, band, message_id) where state = 'handed-over';
create index delivery_urgent on delivery (accepted_at) where band = 0 and state in ('ready', 'claimed');

create table delivery_ended (${deliveryColumns},
  ended_at timestamptz not null
) partition by range (ended_at);
create index delivery_ended_id on delivery_ended (delivery_id);
create index delivery_ended_message on delivery_ended (message_id);
create table delivery_ended_default partition of delivery_ended default;

-- One row a partner and stream: the truth about the gate for all processes; its lock makes windows exact.
create table gate (
  partner text not null,
  stream text not null check (stream in ('ordinary', 'urgent')),
  state text not null default 'open' check (state in ('open', 'resting', 'paused', 'closed')),
  until timestamptz,
  since timestamptz not null,
  reason text,
  set_by text,
  owner text not null,
  rests integer not null default 0,
  window_now integer not null,
  window_full integer not null,
  primary key (partner, stream)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- What the origin is still to be told. remaining counts live deliveries of a message whose answer is a receipt.
create table receipt (
  message_id uuid primary key,
  remaining integer not null,
  due boolean not null default false,
  told integer not null default 0
) with (fillfactor = 70);
create index receipt_due on receipt (message_id) where due;
`;

const record = `
-- What happened, insert-only. One row may bear several stations that were reached in one transaction.
create table timeline (
  id bigint generated always as identity,
  -- Whoever follows this table reads by (tx, id) up to the oldest transaction under way, and so loses no late commit.
  tx xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  stations text[] not null,
  message_id uuid,
  delivery_id uuid,
  case_ref text,
  partner text,
  detail jsonb
) partition by range (at);
create index timeline_follow on timeline (tx, id);
create index timeline_message on timeline (message_id) where message_id is not null;
create index timeline_case on timeline (case_ref, at) where case_ref is not null;
create table timeline_default partition of timeline default;

-- What people and partners did and saw: append-only.
create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb
);

-- An authenticated intake that was no valid contract. Its sender was told.
create table refusal (
  refusal_id uuid primary key,
  at timestamptz not null,
  partner text not null,
  code text not null,
  type text,
  external_id text,
  size integer not null,
  digest bytea not null,
  paths text[] not null,
  keywords text[] not null,
  sealed bytea,
  month text,
  count integer not null default 1
);
create index refusal_at on refusal (partner, at);
`;

const people = `
-- What a person must be told. Sent until it was taken.
create table alert (
  alert_id uuid primary key default gen_random_uuid(),
  tx xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  key text not null unique,
  severity text not null,
  kind text not null,
  owner text not null,
  message_id uuid,
  delivery_id uuid,
  case_ref text,
  partner text,
  text text not null,
  sent_at timestamptz,
  next_at timestamptz not null
);
create index alert_follow on alert (tx, alert_id);
create index alert_unsent on alert (next_at) where sent_at is null;
`;

const wires = `
-- How far the facts of each partition have been read (by marks): a lease is judged only beyond this moment.
create table wire_progress (
  partition integer primary key,
  read_until timestamptz not null
);

-- Where intake goes on reading each topic; moved only in the transaction of accept.
create table intake_offset (
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  primary key (topic, partition)
);
`;
