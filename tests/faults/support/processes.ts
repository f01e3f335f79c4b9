import type { AllianceForFaults } from './alliance-for-faults.js';
import { startChild, type Child } from './child.js';

/** Hub and adapters in one process on the local wire. */
export function singleProcess(alliance: AllianceForFaults, databaseUrl: string): Child {
  const env = { ...hubEnv(alliance, 0), DATABASE_URL: databaseUrl };
  return startChild('single process', 'start/src/main.js', { env, ready: /^ready http/m });
}

/** Where the processes of one alliance meet. */
export interface Ground {
  databaseUrl: string;
  brokers: readonly string[];
}

/** The n-th hub, from 0, on the Kafka wire. */
export function hubProcess(
  alliance: AllianceForFaults,
  n: number,
  ground: Ground,
  args: readonly string[] = [],
): Child {
  const env = {
    ...hubEnv(alliance, n),
    DATABASE_URL: ground.databaseUrl,
    KAFKA_BROKERS: ground.brokers.join(','),
  };
  return startChild(`hub ${n + 1}`, 'hub/src/main.js', { args, env, ready: /^ready http/m });
}

/** One of any number of processes with all adapters. */
export function adaptersProcess(alliance: AllianceForFaults, n: number, ground: Ground): Child {
  return startChild(`adapters ${n + 1}`, 'adapters/src/main.js', {
    env: { ...alliance.env, HUB_URL: alliance.urls[0]!, KAFKA_BROKERS: ground.brokers.join(',') },
    ready: /^adapters ready/m,
  });
}

function hubEnv(alliance: AllianceForFaults, n: number): Record<string, string> {
  return {
    ...alliance.env,
    HUB_PORT: new URL(alliance.urls[n]!).port,
    // One issuer of tokens, however many hubs.
    HUB_URL: alliance.urls[0]!,
  };
}
