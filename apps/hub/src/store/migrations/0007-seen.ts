import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql } from '../accept-messages.js';
import { claimDeliveriesSql } from '../claim-deliveries.js';
import { tellHoldersSql } from '../tell-holders.js';

/** What a claim knew of its case stands with it; holders that came late are told; one process at a time fetches. */
export class Seen0007 implements MigrationInterface {
  name = 'Seen1763769600007';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- How many messages its case had when it was claimed: accept order, for commits do not come in the order of their times.
      alter table delivery add case_seen bigint;
      -- Which process looks at what a partner leaves, and until when nobody else does.
      create table pickup_turn (
        partner text primary key,
        holder uuid not null,
        until timestamptz not null
      )`);
    for (const sql of [claimDeliveriesSql, tellHoldersSql, acceptMessagesSql]) await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
