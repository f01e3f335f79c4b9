import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAlliance, projectRoot, type Contracts, type Partner } from '#contracts';
import { acknowledgementsOf } from '../acknowledgements.js';
import { carriedPartners, createAdapters } from '../adapters.js';
import { loadCredentials } from '../credentials.js';
import { evidenceAt } from './evidence.js';
import { htmlReport } from './html-report.js';
import { hubAsPartner, readClientCredentials } from './hub-as-partner.js';
import { declarationOf, type Line, type Report } from './report.js';
import { runConformance, type ConformanceOptions } from './run-conformance.js';

/** What the command line asks for; `command.ts` describes each. */
export interface Examination {
  partner: string;
  url?: string;
  evidence?: string;
  report?: string;
  side: 'both' | 'endpoint' | 'hub';
  decideWithinMs: number;
  declare: boolean;
}

type Env = Record<string, string | undefined>;

/**
 * Examines one partner and writes its reports. Answers the report and where it stands.
 * @throws Error that says what to do, when there is no such partner or it cannot be reached at all
 */
export async function examinePartner(
  asked: Examination,
  { env, contracts }: { env: Env; contracts: () => Contracts },
  progress: (line: Line) => void,
): Promise<{ report: Report; files: string[] }> {
  const configDir = resolve(projectRoot(), env['HUB_CONFIG'] || 'config');
  const dataDir = resolve(projectRoot(), env['HUB_DATA'] || '.data');
  const partner = partnerOf(asked, configDir, env);
  const side = endpointOf(partner, asked, join(dataDir, 'credentials.json'), env);
  const options: ConformanceOptions = {
    partner,
    contracts: contracts(),
    ...(asked.side !== 'hub' && side),
    ...(asked.side !== 'endpoint' && { hub: hubOf(partner, dataDir, env) }),
    against: asked.evidence === undefined && isLocal(partner.url) ? 'simulator' : 'endpoint',
    decideWithinMs: asked.decideWithinMs,
    progress,
  };
  try {
    const report = await runConformance(options);
    return {
      report,
      files: write(report, asked, resolve(asked.report ?? join(dataDir, 'conformance')), configDir),
    };
  } finally {
    const { adapter, stranger, acknowledgements } = side?.endpoint ?? {};
    await Promise.all([adapter?.close(), stranger?.close(), acknowledgements?.close()]);
  }
}

function partnerOf({ partner: id, url }: Examination, configDir: string, env: Env): Partner {
  const { partners } = loadAlliance(configDir, env);
  const found = partners.find((one) => one.id === id);
  if (!found)
    throw new Error(`There is no partner ${id}; there are ${partners.map((one) => one.id).join(', ')}.`);
  return url === undefined ? found : { ...found, url };
}

/** The partner's side; none for a partner that fetches from its inbox. */
function endpointOf(
  partner: Partner,
  { evidence, side }: Examination,
  credentialsFile: string,
  env: Env,
): Pick<Required<ConformanceOptions>, 'endpoint'> | undefined {
  if (carriedPartners([partner]).length === 0) return undefined;
  const credentials = loadCredentials(credentialsFile, env);
  const secret = (): string => randomBytes(24).toString('base64');
  const strangers = { webhookSecrets: [`whsec_${secret()}`], apiKey: secret() };
  const [adapter] = createAdapters([partner], credentials);
  const [stranger] = createAdapters([partner], (id) => ({ ...credentials(id), ...strangers }));
  if (!adapter || !stranger) throw new Error(`${partner.id} has no adapter.`);
  const where =
    evidence ??
    (isLocal(partner.url)
      ? `http://127.0.0.1:${env['SIM_PORT_CONTROL'] || 8180}/${partner.id}/received`
      : undefined);
  return {
    endpoint: {
      adapter,
      stranger,
      evidence: where === undefined ? undefined : evidenceAt(where),
      acknowledgements: acknowledgementsOf(partner, credentials(partner.id), side !== 'endpoint'),
    },
  };
}

function hubOf(partner: Partner, dataDir: string, env: Env): ConformanceOptions['hub'] {
  const url = env['HUB_URL'] || 'http://127.0.0.1:8080';
  return hubAsPartner(url, partner.id, readClientCredentials(join(dataDir, 'credentials.json'), partner.id));
}

/** On this machine only simulators listen. */
const isLocal = (url: string | undefined): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(url ?? '')?.hostname ?? '');

function write(report: Report, { declare }: Examination, folder: string, configDir: string): string[] {
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  const files: [folder: string, name: string, text: string][] = [
    [folder, `${report.partner}.html`, htmlReport(report)],
    [folder, `${report.partner}.json`, json(report)],
  ];
  if (declare)
    files.push([join(configDir, 'conformance'), `${report.partner}.json`, json(declarationOf(report))]);
  return files.map(([into, name, text]) => {
    mkdirSync(into, { recursive: true });
    writeFileSync(join(into, name), text);
    return join(into, name);
  });
}
