import type { Band } from './envelope.js';

/** Topic names, the same on both wires. `prefix` keeps test runs apart and is empty in production. */
export const topics = {
  /** Work for one partner's adapter; urgent work has a topic of its own and is consumed apart. */
  deliver: (partner: string, band: Band): string =>
    band === 'urgent' ? `alliance.deliver.${partner}.urgent` : `alliance.deliver.${partner}`,
  /** Facts from adapters: started, outcome, returned; and marks from hubs. */
  outcomes: 'alliance.outcomes',
  /** Messages that a partner gives us over Kafka. */
  intake: (partner: string): string => `alliance.intake.${partner}`,
  /** Our answers to them. */
  receipts: (partner: string): string => `alliance.receipts.${partner}`,
  /** Timeline entries without personal data. */
  stations: 'alliance.stations',
} as const;

/** Partitions of each topic where we make it: how many processes can share the reading of one. */
export const PARTITIONS = 6;
