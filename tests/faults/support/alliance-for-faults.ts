import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Partner, Policy } from '#contracts';
import type { Partners } from './partners.js';
import { freePort } from '../../support/free-port.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A HUB_CONFIG and a HUB_DATA of their own, and the environment that names them. */
export interface AllianceForFaults {
  env: Record<string, string>;
  /** The hubs' addresses, one port each. */
  urls: string[];
  /** What a party proves itself with. */
  secretOf(party: string): string;
  remove(): void;
}

/**
 * The real alliance with short times and one change: nkm is idempotent and no other is, so that a double would show.
 */
export async function allianceForFaults(fakes: Partners, hubs: number): Promise<AllianceForFaults> {
  const home = mkdtempSync(join(tmpdir(), 'alliance-faults-'));
  const config = join(home, 'config');
  const data = join(home, 'data');
  cpSync(join(ROOT, 'config'), config, { recursive: true });
  const parties = ['ops'];
  edit<{ partners: Partner[] }>(join(config, 'partners.json'), ({ partners }) => {
    for (const partner of partners) {
      parties.push(partner.id);
      partner.timeoutMs = 1_500;
      partner.idempotent = partner.id === 'nkm';
    }
  });
  edit<Policy>(join(config, 'policy.json'), (policy) => {
    Object.assign(policy.retry.normal, { baseMs: 200, capMs: 2_000 });
    Object.assign(policy.retry.urgent, { baseMs: 200, capMs: 2_000 });
    Object.assign(policy.gate, { baseMs: 500, capMs: 2_000 });
    policy.rate = { perSecond: 500, burst: 1_000 };
  });
  const secretOf = (party: string): string => `invented-secret-of-${party}-for-faults`;
  const credentials = parties.map((party) => [
    party,
    {
      clientId: party,
      clientSecret: secretOf(party),
      webhookSecret: `whsec_${Buffer.from(secretOf(party).slice(0, 24)).toString('base64')}`,
      apiKey: `invented-key-of-${party}`,
      ...(party === 'ops' && { roles: ['ops'] }),
      ...fakes.drops.credentials[party],
    },
  ]);
  mkdirSync(data);
  writeFileSync(join(data, 'credentials.json'), JSON.stringify(Object.fromEntries(credentials)), {
    mode: 0o600,
  });
  const ports = await Promise.all(Array.from({ length: hubs }, freePort));
  return {
    env: {
      HUB_CONFIG: config,
      HUB_DATA: data,
      HUB_DEMO: '0',
      HUB_HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...fakes.drops.env,
      ...Object.fromEntries([...fakes].map(([id, { url }]) => [settingOf(id), url])),
    },
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    secretOf,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** `PARTNER_BFB_LABS_URL` */
const settingOf = (partner: string): string => `PARTNER_${partner.toUpperCase().replaceAll('-', '_')}_URL`;

function edit<T>(file: string, change: (content: T) => void): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as T;
  change(content);
  writeFileSync(file, JSON.stringify(content, null, 2));
}
