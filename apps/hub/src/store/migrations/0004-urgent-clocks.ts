import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A broken clock may still have somebody to tell: it is looked for by its next moment, which ends at infinity. */
export class UrgentClocks0004 implements MigrationInterface {
  name = 'UrgentClocks1763769600004';

  async up(db: QueryRunner): Promise<void> {
    await db.query("update clock set next_at = 'infinity' where state = 'breached'");
    await db.query("create index clock_due on clock (next_at) where state in ('running', 'breached')");
    await db.query('drop index clock_running');
  }

  async down(): Promise<void> {
    throw new Error('The ledger is never migrated down: restore a backup instead.');
  }
}
