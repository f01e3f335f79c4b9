import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acceptMessagesSql } from '../accept-messages.js';
import { readContextsSql } from '../read-context.js';

/** A partner whose copy was taken from it cannot decide any more: what asks that is put in place. */
export class AskedNoMore0005 implements MigrationInterface {
  name = 'AskedNoMore1763769600005';

  async up(db: QueryRunner): Promise<void> {
    for (const sql of [readContextsSql, acceptMessagesSql]) await db.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
