import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql } from '../accept-messages.js';
import { readContextsSql } from '../read-context.js';

/** A case has an area. One of before has it of whoever took it over or opened it, which its first message's facts say. */
export class CaseArea0008 implements MigrationInterface {
  name = 'CaseArea1763769600008';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table cases
        add area text not null default 'medway' check (area in ('medway', 'kent')),
        -- The area that comes with the next owner; none where it stays.
        add next_area text check (next_area in ('medway', 'kent'));
      update cases set next_area = 'kent' where next_owner = 'kent-front-door';
      update cases c set area = 'kent'
      where c.owner = 'kent-front-door'
         or exists (select 1 from message m where m.message_id = c.opened_by and m.facts->>'area' = 'kent'
                    and m.facts->>'type' <> 'referral.submitted');
      -- What it read together is read apart.
      drop function if exists read_contexts(text[], text[], text[], text[], text[], uuid[], uuid[], text[])`);
    for (const sql of [readContextsSql, acceptMessagesSql]) await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
