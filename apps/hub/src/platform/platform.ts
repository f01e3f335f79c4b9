import { join } from 'node:path';
import type { Settings } from '../settings.js';
import { CredentialStore, ensureDemoCredentials } from './auth/credentials.js';
import { createIssuer, type Issuer } from './auth/issuer.js';
import { outsideKeys, Verifier } from './auth/verifier.js';
import { createLogger, type Logger } from './log.js';
import { Metrics } from './metrics.js';
import { RateLimit } from './rate-limit.js';
import { Readiness } from './readiness.js';
import { loadHubKeys, type HubKeys } from './sealing.js';

/** What stands before the first message: settings, keys, log, metrics and who may come in. */
export class Platform {
  readonly metrics = new Metrics();
  readonly readiness = new Readiness();
  readonly verifier: Verifier;

  constructor(
    readonly settings: Settings,
    readonly logger: Logger,
    readonly keys: HubKeys,
    readonly issuer: Issuer,
    readonly rateLimit: RateLimit,
  ) {
    const outside = new Map(settings.oidcIssuers.map((issuer) => [issuer, outsideKeys(issuer)]));
    this.verifier = new Verifier(issuer.keys, outside, (code) => this.metrics.unauthenticated.inc({ code }));
  }
}

/** `<HUB_DATA>/credentials.json` */
export function credentialsPath(settings: Pick<Settings, 'dataDir'>): string {
  return join(settings.dataDir, 'credentials.json');
}

/** Loads or makes keys and, in the demo, credentials for all partners. */
export async function createPlatform(
  settings: Settings,
  alliance: { partners: { id: string }[]; policy: { rate: { perSecond: number; burst: number } } },
  logger: Logger = createLogger(settings.logLevel),
): Promise<Platform> {
  const path = credentialsPath(settings);
  if (settings.demo)
    await ensureDemoCredentials(
      path,
      alliance.partners.map((partner) => partner.id),
    );
  const credentials = new CredentialStore(path);
  const { publicUrl, dataDir } = settings;
  const issuer = await createIssuer({ publicUrl, dataDir, credentials, logger });
  return new Platform(
    settings,
    logger,
    await loadHubKeys(settings),
    issuer,
    new RateLimit(alliance.policy.rate),
  );
}
