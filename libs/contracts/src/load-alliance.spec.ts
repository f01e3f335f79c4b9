import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Agreement, Conformance, Partner, RoleAssignment, Route } from './alliance.js';
import type { CodeList } from './code-lists.js';
import { loadContracts } from './contracts.js';
import { loadAlliance } from './load-alliance.js';
import { projectRoot } from './project-root.js';

/** The alliance's own data, to which each test below adds one mistake. */
const own = loadAlliance(undefined, {});

const { roles: allRoles } = JSON.parse(readFileSync(join(projectRoot(), 'config/roles.json'), 'utf8')) as {
  roles: RoleAssignment[];
};

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A copy of the alliance's own config, with one deviation in one file. */
function aConfig<T>(file?: string, deviate?: (content: T) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'alliance-'));
  folders.push(folder);
  cpSync(join(projectRoot(), 'config'), folder, { recursive: true });
  if (file && deviate) {
    const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;
    deviate(content);
    writeFileSync(join(folder, file), JSON.stringify(content));
  }
  return folder;
}

function problemsOf(folder: string, env: Record<string, string> = {}, contracts?: string[]): string[] {
  try {
    loadAlliance(folder, env, contracts);
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - ', ''));
  }
}

describe('the alliance as it stands', () => {
  it('holds together with every contract', () => {
    const alliance = loadAlliance(
      undefined,
      {},
      loadContracts().all.map((contract) => contract.name),
    );
    expect(
      alliance.partners.map(({ id, channel, idempotent, url }) => [id, channel, idempotent, url]),
    ).toEqual([
      ['nkm', 'webhook', true, 'http://127.0.0.1:8181'],
      ['salus', 'http', true, 'http://127.0.0.1:8182'],
      ['ylf', 'inbox', false, undefined],
      ['referrers', 'inbox', false, undefined],
      ['nelft', 'fhir', false, 'http://127.0.0.1:8183'],
      ['camhs', 'mesh', false, 'http://127.0.0.1:8189'],
      ['kooth', 'webhook', true, 'http://127.0.0.1:8184'],
      ['bfb-labs', 'http', true, 'http://127.0.0.1:8185'],
      ['salus-kent', 'http', true, 'http://127.0.0.1:8186'],
      ['crisis', 'fhir', false, 'http://127.0.0.1:8187'],
      ['chums', 'sftp', false, 'sftp://127.0.0.1:8188/drop'],
      ...[
        'barratt',
        'safeguarding',
        'social-care',
        'youth-justice',
        'virtual-school',
        'personal-advisers',
        'mhst',
        'kmpt',
        'adult-services',
        'existing-providers',
      ].map((gateway) => [gateway, 'inbox', false, undefined]),
    ]);
  });

  it('has every contract sent by somebody and read by somebody, but for what the hub sends', () => {
    const { partners } = loadAlliance(undefined, {});
    const names = loadContracts().all.map(({ type, major }) => `${type}.v${major}`);
    const sent = new Set(partners.flatMap((partner) => partner.sends));
    const read = new Set(partners.flatMap((partner) => partner.reads));
    expect(names.filter((name) => !sent.has(name))).toEqual(['hub.receipt.v1']);
    expect(names.filter((name) => !read.has(name))).toEqual([]);
  });

  it('takes a partner’s address from the environment', () => {
    const { partners } = loadAlliance(undefined, {
      PARTNER_SALUS_URL: 'https://salus.example/in',
      PARTNER_NKM_URL: '',
    });
    expect(partners.find(({ id }) => id === 'salus')?.url).toBe('https://salus.example/in');
    expect(partners.find(({ id }) => id === 'nkm')?.url).toBe('http://127.0.0.1:8181');
  });

  it('takes dashes in an id as underscores', () => {
    const folder = aConfig<{ partners: Partner[] }>('partners.json', ({ partners }) =>
      partners.push({ ...(partners[1] as Partner), id: 'two-dashes-here', idempotent: false }),
    );
    const { partners } = loadAlliance(folder, { PARTNER_TWO_DASHES_HERE_URL: 'http://127.0.0.1:9' });
    expect(partners.at(-1)).toMatchObject({ id: 'two-dashes-here', url: 'http://127.0.0.1:9' });
  });
});

describe('what is wrong is named, with its place', () => {
  const partners = (deviate: (list: Partner[]) => void): string =>
    aConfig<{ partners: Partner[] }>('partners.json', (file) => deviate(file.partners));
  const roles = (deviate: (list: RoleAssignment[]) => void): string =>
    aConfig<{ roles: RoleAssignment[] }>('roles.json', (file) => deviate(file.roles));
  const routes = (deviate: (list: Route[]) => void): string =>
    aConfig<{ routes: Route[] }>('routes.json', (file) => deviate(file.routes));
  const agreements = (deviate: (list: Agreement[]) => void): string =>
    aConfig<{ agreements: Agreement[] }>('agreements.json', (file) => deviate(file.agreements));
  const first = <T>(list: T[]): T => list[0] as T;

  it.each<[string, () => string, string]>([
    [
      'an unknown channel',
      () => partners((list) => Object.assign(first(list), { channel: 'pigeon' })),
      'partners.json /partners/0/channel must be equal to one of the allowed values: ["webhook","http","fhir","sftp","mesh","inbox"]',
    ],
    [
      'a partner without address',
      () => partners((list) => delete first(list).url),
      "partners.json /partners/0 must have required property 'url'",
    ],
    [
      'an inbox with an address',
      () => partners((list) => Object.assign(list[2] as Partner, { url: 'http://127.0.0.1:1' })),
      'partners.json /partners/2/url must not be there',
    ],
    [
      'a partner twice',
      () => partners((list) => list.push(first(list))),
      `partners.json /partners/${own.partners.length}/id stands there twice`,
    ],
    [
      'a code twice',
      () =>
        aConfig<CodeList>('code-lists/decline-reasons.json', (list) =>
          Object.assign(list, { codes: [list.codes[0], list.codes[0]] }),
        ),
      'code-lists/decline-reasons.json /codes/1/code stands there twice',
    ],
    [
      'an instrument without a scale',
      () =>
        aConfig<CodeList>('code-lists/instruments.json', (list) =>
          Object.assign(first([...list.codes]), { scales: [] }),
        ),
      'code-lists/instruments.json /codes/0/scales must NOT have fewer than 1 items',
    ],
    [
      'an owner that is no role',
      () => partners((list) => Object.assign(first(list), { owner: 'nobody' })),
      'partners.json /partners/0/owner is no role of roles.json',
    ],
    [
      'a role of an unknown partner',
      () => roles((list) => Object.assign(first(list), { partner: 'nobody' })),
      'roles.json /roles/0/partner "nobody" is not in partners.json',
    ],
    [
      'a role with two partners at a time',
      () => roles((list) => list.push({ role: 'crisis-team', partner: 'nelft', from: '2026-07-01' })),
      `roles.json /roles/${allRoles.length} overlaps /roles/8: a role has one partner at a time`,
    ],
    [
      'a service of the directory under the name of a partner',
      () =>
        aConfig<{ entries: { id: string }[] }>('directory.json', ({ entries }) => {
          Object.assign(entries[0] ?? {}, { id: 'mhst' });
        }),
      'directory.json /entries/0/id "mhst" is a partner or a role, so routes could name it',
    ],
    [
      'a successor of nobody, though it is not enabled',
      () =>
        roles((list) =>
          list.push({
            role: 'kite-flying',
            partner: 'ylf',
            from: '2027-01-01',
            takesOver: true,
            enabled: false,
          }),
        ),
      `roles.json /roles/${allRoles.length} takes over a role that nobody fills until then`,
    ],
    [
      'a role that the hub needs',
      () => roles((list) => list.splice(3, 1)),
      'roles.json /roles lacks the role "credentials"',
    ],
    [
      'a period that ends before it begins',
      () => roles((list) => Object.assign(first(list), { until: '2026-03-01' })),
      'roles.json /roles/0/until must not be before from',
    ],
    [
      'a date that is none',
      () => roles((list) => Object.assign(first(list), { from: '2026-02-30' })),
      'roles.json /roles/0/from must match format "date"',
    ],
    [
      'a route to an unknown role',
      () => routes((list) => first(list).to.push('the-moon')),
      'routes.json /routes/0/to "the-moon" is no role of roles.json',
    ],
    [
      'a route to a partner that cannot read the type',
      () => routes((list) => first(list).to.push('crisis-team')),
      'routes.json /routes/0 brings referral.submitted to crisis, which reads no version of it',
    ],
    [
      'a route to the front doors, of which Kent’s cannot read what both may say',
      () =>
        aConfig<{ partners: { id: string; reads: string[] }[] }>('partners.json', ({ partners }) => {
          const kent = partners.find(({ id }) => id === 'salus-kent');
          if (kent) kent.reads = kent.reads.filter((name) => name !== 'step-down.requested.v1');
        }),
      'brings step-down.requested to salus-kent, which reads no version of it',
    ],
    [
      'a placeholder that is none',
      () => routes((list) => first(list).to.push('$everybody')),
      'routes.json /routes/0/to/1 must match pattern "^(\\$origin|\\$to|\\$front-door|\\$owner|\\$holders|\\$involved|\\$recipients|\\$other-area|[a-z][a-z0-9-]{1,40})$"',
    ],
    [
      'an agreement of an unknown partner',
      () => agreements((list) => Object.assign(first(list), { partner: 'nobody' })),
      'agreements.json /agreements/0/partner "nobody" is not in partners.json',
    ],
    [
      'two agreements in force at a time',
      () => agreements((list) => list.push({ ...first(list), id: 'nkm-2027', from: '2027-01-01' })),
      `agreements.json /agreements/${own.agreements.length} overlaps /agreements/0: one agreement is in force at a time`,
    ],
    [
      'a wrong duration',
      () => aConfig<{ blockedFor: string }>('policy.json', (policy) => (policy.blockedFor = 'five days')),
      'policy.json /blockedFor must match pattern',
    ],
    [
      'an unknown key',
      () => aConfig<Record<string, unknown>>('policy.json', (policy) => (policy['retries'] = 3)),
      'policy.json / must NOT have additional properties: "retries"',
    ],
    [
      'an unknown time zone',
      () =>
        aConfig<{ zone: string }>('calendars/england.json', (calendar) => (calendar.zone = 'Europe/Medway')),
      'calendars/england.json /zone must be an IANA time zone, such as Europe/London',
    ],
  ])('%s', (_case, folder, problem) => {
    const found = problemsOf(folder());
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  describe('a partner that is declared idempotent', () => {
    const declared = (change: (report: Conformance) => void): string =>
      aConfig<Conformance>('conformance/nkm.json', change);
    const mended = '(npx hub conformance nkm --declare writes it)';

    it.each<[string, () => string, string]>([
      [
        'without a report',
        () => {
          const folder = declared(() => undefined);
          rmSync(join(folder, 'conformance/nkm.json'));
          return folder;
        },
        `partners.json /partners/0/idempotent must be false: there is no conformance/nkm.json ${mended}`,
      ],
      [
        'whose check has failed',
        () => declared((report) => (report.checks['duplicate'] = 'failed')),
        `partners.json /partners/0/idempotent must be false: conformance/nkm.json says that its check "duplicate" has failed ${mended}`,
      ],
      [
        'whose check was never made',
        () => declared((report) => delete report.checks['duplicate']),
        `partners.json /partners/0/idempotent must be false: conformance/nkm.json says that its check "duplicate" has not been made ${mended}`,
      ],
      [
        'by the report of another',
        () => declared((report) => (report.partner = 'salus')),
        'conformance/nkm.json /partner is "salus": a report is named after its partner',
      ],
    ])('%s', (_name, folder, problem) => {
      expect(problemsOf(folder())).toEqual([problem]);
    });
  });

  it('a condition that is no JSON Schema', () => {
    const folder = routes((list) =>
      Object.assign(first(list), { when: { properties: { type: { konst: 'x' } } } }),
    );
    expect(problemsOf(folder)).toEqual([
      expect.stringMatching(/^routes.json \/routes\/0\/when is no JSON Schema: .*konst/),
    ]);
  });

  it('an ended agreement leaves room for the next on the same day', () => {
    const folder = agreements((list) => {
      list.push({ ...first(list), id: 'nkm-2027', from: '2027-01-01' });
      Object.assign(first(list), { ended: '2027-01-01' });
    });
    expect(problemsOf(folder)).toEqual([]);
  });

  it('a type that is no contract, where contracts are given', () => {
    const names = loadContracts().all.map(({ name }) => name);
    const folder = partners((list) => first(list).reads.push('step-up.requested.v9'));
    const place = own.partners[0]?.reads.length;
    expect(problemsOf(folder, {}, names)).toEqual([
      `partners.json /partners/0/reads/${place} "step-up.requested.v9" is no contract of schemas/`,
    ]);
    expect(problemsOf(folder)).toEqual([]);
  });

  it.each([
    ['PARTNER_CHUMS_URL', 'http://127.0.0.1:1', 'PARTNER_CHUMS_URL must be an sftp address'],
    [
      'PARTNER_SALUS_PICKUP_URL',
      'sftp://127.0.0.1:1',
      'PARTNER_SALUS_PICKUP_URL: partners.json gives salus no pickup',
    ],
    ['PARTNER_SALIS_URL', 'http://127.0.0.1:1', 'PARTNER_SALIS_URL: partners.json has no partner "salis"'],
    [
      'PARTNER_YLF_URL',
      'http://127.0.0.1:1',
      'PARTNER_YLF_URL: ylf fetches from its inbox and has no address',
    ],
    ['PARTNER_NKM_URL', 'nkm.example', 'PARTNER_NKM_URL must be an http or https address'],
  ])('the setting %s', (setting, value, problem) => {
    expect(problemsOf(aConfig(), { [setting]: value })).toEqual([problem]);
  });

  it('all at once, files that are missing or unreadable among them', () => {
    const folder = aConfig<{ partners: Partner[] }>('partners.json', (file) => {
      Object.assign(first(file.partners), { channel: 'pigeon', window: 0 });
    });
    writeFileSync(join(folder, 'routes.json'), '{"version":');
    rmSync(join(folder, 'agreements.json'));
    const problems = problemsOf(folder);
    expect(problems.map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      'partners.json /partners/0/channel',
      'partners.json /partners/0/window',
      'routes.json cannot',
      'agreements.json is',
    ]);
  });
});
