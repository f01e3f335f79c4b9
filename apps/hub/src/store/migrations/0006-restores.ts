import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql } from '../accept-messages.js';
import { recallCopiesSql } from '../recall-copies.js';
import { settleDeliveriesSql } from '../settle-deliveries.js';

/** A restore that was begun is known until it is taken up; what is said of a delivery during a look is not lost with it. */
export class Restores0006 implements MigrationInterface {
  name = 'Restores1763769600006';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Each time that the ledger was put back from a backup, and when it had been taken up again.
      create table restore (
        restored_to timestamptz not null,
        begun_at timestamptz not null default ledger_now(),
        taken_up_at timestamptz
      );
      alter table reexamine drop constraint reexamine_pkey,
        add reexamine_id bigint generated always as identity primary key`);
    for (const sql of [recallCopiesSql, acceptMessagesSql, settleDeliveriesSql]) await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
