import type { Partner } from '#contracts';
import type { Adapter } from './adapter.js';
import { bfbLabsAdapter } from './bfb-labs/adapter.js';
import { camhsAdapter } from './camhs/adapter.js';
import { chumsAdapter } from './chums/adapter.js';
import type { Credentials, PartnerCredentials } from './credentials.js';
import { crisisAdapter } from './crisis/adapter.js';
import { koothAdapter } from './kooth/adapter.js';
import { nelftAdapter } from './nelft/adapter.js';
import { nkmAdapter } from './nkm/adapter.js';
import { salusAdapter } from './salus/adapter.js';
import { salusKentAdapter } from './salus-kent/adapter.js';

/** A partner that has an endpoint of its own. */
type Endpoint = Partner & { url: string };

type Create = (partner: Endpoint, credentials: PartnerCredentials) => Adapter;

const underKey =
  (create: (partner: Endpoint, apiKey: string) => Adapter): Create =>
  (partner, { apiKey }) =>
    create(partner, apiKey ?? missing(partner, 'API_KEY'));

const signed =
  (create: (partner: Endpoint, secrets: readonly string[]) => Adapter): Create =>
  (partner, { webhookSecrets }) =>
    create(partner, webhookSecrets.length > 0 ? webhookSecrets : missing(partner, 'WEBHOOK_SECRET'));

/** Every partner that we carry to, and how. A new partner is a folder and a line here. */
const ADAPTERS: Record<string, Create> = {
  nkm: signed(nkmAdapter),
  kooth: signed(koothAdapter),
  'bfb-labs': underKey(bfbLabsAdapter),
  chums: (partner, { sftp }) => chumsAdapter(partner, sftp ?? missing(partner, 'SFTP')),
  salus: underKey(salusAdapter),
  'salus-kent': underKey(salusKentAdapter),
  nelft: underKey(nelftAdapter),
  crisis: underKey(crisisAdapter),
  camhs: (partner, { mesh }) => camhsAdapter(partner, mesh ?? missing(partner, 'MESH')),
};

/** The partners that need an adapter: all but those that fetch from the hub's own inbox. */
export function carriedPartners(partners: readonly Partner[]): Partner[] {
  return partners.filter((partner) => partner.channel !== 'inbox');
}

/** The partners that need something of this process: an adapter, or somebody who fetches what they leave. */
export function servedPartners(partners: readonly Partner[]): Partner[] {
  return partners.filter((partner) => partner.channel !== 'inbox' || partner.pickup !== undefined);
}

/**
 * One adapter for each partner that needs one.
 * @throws Error naming every partner that lacks an adapter, an address or a credential
 */
export function createAdapters(partners: readonly Partner[], credentials: Credentials): Adapter[] {
  const problems: string[] = [];
  const adapters = carriedPartners(partners).flatMap((partner) => {
    try {
      return [createAdapter(partner, credentials(partner.id))];
    } catch (error) {
      problems.push((error as Error).message);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(`These partners cannot be reached:\n- ${problems.join('\n- ')}`);
  return adapters;
}

function createAdapter(partner: Partner, credentials: PartnerCredentials): Adapter {
  const create = Object.hasOwn(ADAPTERS, partner.id) ? ADAPTERS[partner.id] : undefined;
  const { url } = partner;
  if (!create) throw new Error(`${partner.id} has no adapter: add one in apps/adapters/src/adapters.ts.`);
  if (!url)
    throw new Error(
      `${partner.id} has no url: add it in config/partners.json or set ${setting(partner, 'URL')}.`,
    );
  return create({ ...partner, url }, credentials);
}

/** What a channel needs of us, as `credentials.json` calls it. */
const KEYS = { API_KEY: 'apiKey', WEBHOOK_SECRET: 'webhookSecret', SFTP: 'sftp', MESH: 'mesh' };

function missing(partner: Partner, what: keyof typeof KEYS): never {
  const key = KEYS[what];
  if (what === 'SFTP' || what === 'MESH')
    throw new Error(`${partner.id} has no credential: put ${key} into credentials.json.`);
  throw new Error(
    `${partner.id} has no credential: set ${setting(partner, what)} or put ${key} into credentials.json.`,
  );
}

const setting = (partner: Partner, what: string): string =>
  `PARTNER_${partner.id.toUpperCase().replaceAll('-', '_')}_${what}`;
