import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql, acceptTypesSql } from '../accept-messages.js';
import { claimDeliveriesSql } from '../claim-deliveries.js';
import { readContextsSql } from '../read-context.js';

/** What left whom, what is to be looked at again, who may not be found, what was taken back, and tasks with an end. */
export class Sharing0003 implements MigrationInterface {
  name = 'Sharing1763769600003';

  async up(db: QueryRunner): Promise<void> {
    await db.query(tables);
    // Their results or types have changed, which "or replace" cannot do.
    await db.query(`
      drop function if exists read_contexts(text[], text[], text[], text[], text[], uuid[]);
      drop function claim_deliveries(text, text, integer, integer, boolean);
      drop function accept_messages(jsonb, bytea);
      drop type accept_message, accept_delivery cascade`);
    for (const sql of [readContextsSql, claimDeliveriesSql, acceptTypesSql, acceptMessagesSql])
      await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}

const tables = `
-- What a copy held and lacked: pointers and words of ours, kept once for all copies that are alike.
create table copy_form (
  digest text primary key,
  form jsonb not null
);

-- Live deliveries that something was said about since they were looked at: they are looked at again.
create table reexamine (delivery_id uuid primary key);

-- Since when nobody may learn where the person of the case is.
alter table cases add restricted_since timestamptz;
-- Its message was taken back.
alter table delivery add recalled boolean not null default false;

-- A task ends when somebody closes it, with a result.
alter table alert add closed_at timestamptz, add closed_by text, add result text;
create index alert_open on alert (due_at) where due_at is not null and closed_at is null;
`;
