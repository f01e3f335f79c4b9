import pg from 'pg';
import { DataSource } from 'typeorm';
import { Ledger0001 } from './migrations/0001-ledger.js';
import { Tasks0002 } from './migrations/0002-tasks.js';
import { Sharing0003 } from './migrations/0003-sharing.js';
import { UrgentClocks0004 } from './migrations/0004-urgent-clocks.js';
import { AskedNoMore0005 } from './migrations/0005-asked-no-more.js';
import { Restores0006 } from './migrations/0006-restores.js';
import { Seen0007 } from './migrations/0007-seen.js';
import { CaseArea0008 } from './migrations/0008-case-area.js';

/** Every migration of this release, oldest first. */
export const MIGRATIONS = [
  Ledger0001,
  Tasks0002,
  Sharing0003,
  UrgentClocks0004,
  AskedNoMore0005,
  Restores0006,
  Seen0007,
  CaseArea0008,
];

/** Any number that no other user of the database takes. */
export const MIGRATION_LOCK = 7_201_104;

/** The ledger was written by a newer release; this one must not touch it. */
export class LedgerIsNewer extends Error {
  constructor(names: string[]) {
    super(
      `The ledger has migrations that this release does not know (${names.join(', ')}). Start the newer release, or restore a backup that this one made.`,
    );
  }
}

/** Brings the ledger at `url` to this release's shape, one process at a time. Throws `LedgerIsNewer`. */
export async function migrate(url: string): Promise<void> {
  const lock = new pg.Client({ connectionString: url, application_name: 'hub-migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ledger = new DataSource({
      type: 'postgres',
      url,
      migrations: MIGRATIONS,
      migrationsTableName: 'migration',
      synchronize: false,
    });
    await ledger.initialize();
    try {
      await refuseNewer(lock);
      await ledger.runMigrations({ transaction: 'each' });
      await ledger.query('select ensure_partitions(now())');
    } finally {
      await ledger.destroy();
    }
  } finally {
    await lock.end();
  }
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query(`select to_regclass('migration') as found`);
  if (tables[0]?.found === null) return;
  const { rows } = await client.query<{ name: string }>('select name from migration order by id');
  const known = new Set(MIGRATIONS.map((M) => new M().name));
  const foreign = rows.map((row) => row.name).filter((name) => !known.has(name));
  if (foreign.length > 0) throw new LedgerIsNewer(foreign);
}
