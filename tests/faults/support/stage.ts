import type { Pool } from 'pg';
import { createPool } from '../../../apps/hub/src/platform/postgres.js';
import { freshDatabase } from '../../support/database.js';
import type { RunningKafka } from '../../support/kafka.js';
import { allianceForFaults, type AllianceForFaults } from './alliance-for-faults.js';
import type { Child } from './child.js';
import { abandonLoads } from './load.js';
import type { OwnPostgres } from './own-postgres.js';
import { closePartners, startPartners, type Partners } from './partners.js';

/** All that a fault test plays on: ledger, partners, configuration, and the processes that it started. */
export interface Stage {
  databaseUrl: string;
  pool: Pool;
  partners: Partners;
  alliance: AllianceForFaults;
  /** Processes by the order in which they were started; a test may put another in a place. */
  running: Child[];
  /** Starts processes, and waits until each is ready. */
  start(...begin: (() => Child)[]): Promise<void>;
  killAll(): Promise<void>;
  /** Ends and removes everything, whatever the test left. */
  clear(): Promise<void>;
}

/** @param options `postgres`: a cluster of the test's own; else a database in the run's. */
export async function setStage(options: {
  hubs: number;
  kafka?: RunningKafka | undefined;
  postgres?: OwnPostgres;
}): Promise<Stage> {
  const { postgres, kafka } = options;
  const ledger = postgres ? await ledgerOf(postgres) : await freshDatabase();
  const partners = await startPartners();
  const alliance = await allianceForFaults(partners, options.hubs);
  const running: Child[] = [];
  const killAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((child) => child.kill()));
  };
  return {
    databaseUrl: ledger.url,
    pool: ledger.pool,
    partners,
    alliance,
    running,
    killAll,
    start: async (...begin) => {
      running.push(...begin.map((one) => one()));
      await Promise.all(running.map((child) => child.ready));
    },
    clear: async () => {
      await abandonLoads();
      await killAll();
      await closePartners(partners);
      alliance.remove();
      await ledger.drop();
      await kafka?.stop();
    },
  };
}

async function ledgerOf(
  postgres: OwnPostgres,
): Promise<{ url: string; pool: Pool; drop: () => Promise<void> }> {
  const pool = createPool(postgres.url, { max: 2, applicationName: 'test', statementTimeoutMs: 30_000 });
  return {
    url: postgres.url,
    pool,
    drop: async () => {
      await pool.end();
      await postgres.remove();
    },
  };
}
