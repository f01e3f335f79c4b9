import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql } from '../accept-messages.js';
import { settleDeliveriesSql } from '../settle-deliveries.js';

/** An alert with a due time is a task; a message may be answered by one of several types. */
export class Tasks0002 implements MigrationInterface {
  name = 'Tasks1763769600002';

  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table alert add column due_at timestamptz');
    for (const sql of [acceptMessagesSql, settleDeliveriesSql]) await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
