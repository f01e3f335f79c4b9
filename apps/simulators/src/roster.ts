import type { Knobs } from './knobs.js';

/** How one partner is played: by which channel copies reach it, and what it does by itself. */
export interface Part {
  channel: 'webhook' | 'http' | 'fhir' | 'sftp' | 'mesh' | 'inbox';
  /** Where `config/partners.json` expects its endpoint. */
  port?: number;
  /** What stands behind the port in the url that is told; the simulator itself does not insist on it. */
  basePath?: string;
  /** Where its own SFTP server listens, for one that leaves files beside its channel. */
  pickupPort?: number;
  /** The types that it brings as lines of one file. */
  inLines?: readonly string[];
  /** Knows a repeated deliveryid and processes it once. */
  idempotent: boolean;
  /** How it behaves in the demo, other than a good partner that decides at once. */
  demo?: Partial<Knobs>;
}

const webhook = (port: number): Part => ({
  channel: 'webhook',
  port,
  basePath: '/webhooks',
  idempotent: true,
});
const http = (port: number, demo?: Partial<Knobs>): Part => ({
  channel: 'http',
  port,
  idempotent: true,
  ...(demo && { demo }),
});
const fhir = (port: number, demo?: Partial<Knobs>): Part => ({
  channel: 'fhir',
  port,
  basePath: '/fhir',
  idempotent: false,
  ...(demo && { demo }),
});
/** A repeat is acknowledged once, for the hub forgets nothing of what it hands over. */
const inbox: Part = { channel: 'inbox', idempotent: true };

/** Every partner that has a simulator. */
export const ROSTER = {
  nkm: webhook(8181),
  salus: http(8182, { decision: 'by-case' }),
  nelft: fhir(8183, { decideAfterMs: 3_000 }),
  kooth: { ...webhook(8184), pickupPort: 8190 },
  'bfb-labs': { ...http(8185), inLines: ['mta.digital.engagement.v1'] },
  'salus-kent': http(8186),
  crisis: fhir(8187),
  chums: { channel: 'sftp', port: 8188, basePath: '/drop', idempotent: true },
  camhs: { channel: 'mesh', port: 8189, idempotent: false, demo: { decideAfterMs: 3_000 } },
  ylf: inbox,
  barratt: inbox,
  safeguarding: inbox,
  'social-care': inbox,
  'youth-justice': inbox,
  'virtual-school': inbox,
  'personal-advisers': inbox,
  mhst: inbox,
  kmpt: inbox,
  'adult-services': inbox,
  'existing-providers': inbox,
  referrers: inbox,
} as const satisfies Record<string, Part>;

export type SimulatorName = keyof typeof ROSTER;
export const SIMULATORS = Object.keys(ROSTER) as SimulatorName[];

export const partOf = (name: SimulatorName): Part => ROSTER[name];

export const isSimulated = (name: string): name is SimulatorName => Object.hasOwn(ROSTER, name);
