import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { loadContracts } from '../contracts.js';
import type { Envelope } from '../envelope.js';
import { loadAlliance } from '../load-alliance.js';
import { projectRoot } from '../project-root.js';

const contracts = loadContracts();
const { codeLists } = loadAlliance(undefined, {});
const today = '2026-06-15';

type Data = Record<string, unknown>;

/** A valid example of a type; what rules say of it with one deviation. */
function check(
  type: string,
  file: string,
  deviate: (data: Data, envelope: Envelope<Data>) => void = () => {},
) {
  const contract = contracts.get(`mta.${type}.v1`)!;
  const path = join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${file}.json`);
  const envelope = JSON.parse(readFileSync(path, 'utf8')) as Envelope<Data>;
  deviate(envelope.data, envelope);
  expect(contracts.validate(contract, envelope)).toEqual([]);
  return contracts.checkRules(contract, envelope, { today, codeLists });
}

/** Rule ids with their places and severities, each once. */
function found(...args: Parameters<typeof check>): string[] {
  return check(...args).findings.map(
    ({ keyword, pointer, severity }) => `${severity} ${keyword} ${pointer.replace('/data', '')}`,
  );
}
const put = (path: string, value: unknown) => (data: Data) => {
  const keys = path.split('.');
  const last = keys.pop() as string;
  const at = keys.reduce<Data>((here, key) => here[key] as Data, data);
  at[last] = value;
};
const all =
  (...changes: ((data: Data) => void)[]) =>
  (data: Data) =>
    changes.forEach((change) => change(data));
const whole = all(
  put('person.sex', 'declined'),
  put('person.genderSameAsAtBirth', 'not-asked'),
  put('person.ethnicity', 'Z'),
  put('person.firstLanguage', 'unknown'),
  put('needs', []),
  put('person.dateOfBirth', '2012-01-01'),
);
const need = (kind: string, rank: string, status = 'confirmed') => ({ kind, status, rank });

describe('age-window', () => {
  const born = (date: string, ...more: ((data: Data) => void)[]) =>
    check('referral.submitted', 'from-a-school', all(whole, put('person.dateOfBirth', date), ...more));
  const age = '/data/person/dateOfBirth';

  it.each([
    ['2021-06-16', 'below', 'under-5', true],
    ['2021-06-15', 'within', '5-6', false],
    ['2007-06-15', 'within', '19-25', false],
    ['2007-06-14', 'above', '19-25', true],
  ])('of who was born on %s is %s', (date, ageWindow, ageBand, noted) => {
    const { findings, facts } = born(date);
    expect(facts).toEqual({ ageWindow, ageBand });
    expect(findings.map(({ pointer, severity }) => [pointer, severity])).toEqual(
      noted ? [[age, 'quality']] : [],
    );
  });

  it.each(['confirmed', 'awaiting-diagnosis', 'need-identified'])(
    'reaches to the day before the 26th birthday with SEND that is %s',
    (status) => {
      const send = put('needs', [need('send', 'primary', status)]);
      expect(born('2000-06-16', send)).toMatchObject({ findings: [], facts: { ageWindow: 'extended' } });
      expect(born('2000-06-15', send)).toMatchObject({ findings: [{}], facts: { ageWindow: 'above' } });
    },
  );

  it('reaches as far for a care leaver, and not for other needs or SEND that is none', () => {
    expect(born('2000-06-16', put('priority.careLeaver', 'yes')).facts['ageWindow']).toBe('extended');
    expect(born('2000-06-16', put('needs', [need('physical', 'primary')])).facts['ageWindow']).toBe('above');
    expect(born('2000-06-16', put('needs', [need('send', 'primary', 'none')])).facts['ageWindow']).toBe(
      'above',
    );
  });

  it('is noted as unknown without a date of birth, and never refuses', () => {
    expect(born('declined')).toMatchObject({
      findings: [{ pointer: age, keyword: 'age-window', severity: 'quality' }],
      facts: { ageWindow: 'unknown' },
    });
    expect(born('2030-01-01').findings).toMatchObject([{ pointer: age, severity: 'quality' }]);
  });

  it('is looked at in a misdirected referral, too', () => {
    const { findings, facts } = check(
      'referral.misdirected',
      'from-a-school',
      put('referral.person.dateOfBirth', '2022-01-01'),
    );
    expect(facts['ageWindow']).toBe('below');
    expect(findings).toContainEqual(
      expect.objectContaining({ pointer: '/data/referral/person/dateOfBirth', keyword: 'age-window' }),
    );
  });
});

describe('minimum-data-set', () => {
  it('asks for what nobody has answered, and takes an answer of any kind', () => {
    expect(found('referral.submitted', 'from-a-school', whole)).toEqual([]);
    const blank = all(whole, (data) => {
      delete (data['person'] as Data)['sex'];
      delete data['needs'];
    });
    expect(found('referral.submitted', 'from-a-school', blank)).toEqual([
      'quality minimum-data-set /person/sex',
      'quality minimum-data-set /needs',
    ]);
  });
});

describe('needs-ranked', () => {
  const ranked = (...needs: object[]) =>
    found('referral.submitted', 'from-a-school', all(whole, put('needs', needs)));

  it('asks which is primary and which secondary where SEND and a physical disability meet', () => {
    expect(ranked(need('send', 'primary'), need('physical', 'other'))).toEqual([
      'quality needs-ranked /needs/1/rank',
    ]);
    expect(ranked(need('send', 'secondary'), need('physical', 'primary'))).toEqual([]);
    expect(ranked(need('send', 'primary'), need('sensory', 'other'))).toEqual([]);
  });
});

describe('a redirect and a misdirected referral', () => {
  it.each([
    ['referral.misdirected', 'from-a-school', 'misdirected-received-before'],
    ['referral.redirected', 'to-kent', 'redirected-received-before'],
    ['referral.linked', 'duplicate', 'linked-received-before'],
  ])('%s keeps a receipt that lies behind', (type, file, rule) => {
    const at = (moment: string) =>
      found(type, file, put('receivedAt', moment)).filter((id) => id.includes('received'));
    expect(at('2026-06-15T23:59:00Z')).toEqual([]);
    expect(at('2026-06-16T00:30:00+01:00')).toEqual([]);
    expect(at('2026-06-16T08:00:00Z')).toEqual([`refuse ${rule} /receivedAt`]);
  });

  it('redirect-reachable: there is a safe way to the young person', () => {
    const past = put('receivedAt', '2026-06-14T08:00:00Z');
    const routes = (...contactRoutes: object[]) =>
      found('referral.redirected', 'to-kent', all(past, put('contactRoutes', contactRoutes)));
    const noted = ['quality redirect-reachable /contactRoutes'];
    expect(routes({ kind: 'phone', value: '01634 960123', safe: 'unknown' })).toEqual([]);
    expect(routes({ kind: 'in-person', safe: 'yes' })).toEqual([]);
    expect(routes({ kind: 'phone', value: '01634 960123', safe: 'no' })).toEqual(noted);
    expect(routes({ kind: 'phone', safe: 'yes' })).toEqual(noted);
    expect(routes()).toEqual(noted);
  });
});

describe('referral.classified and referral.linked', () => {
  it('clock-of-class: each class has its clock', () => {
    expect(found('referral.classified', 'priority')).toEqual([]);
    expect(found('referral.classified', 'priority', put('clock', 'CLK-ROUT'))).toEqual([
      'refuse clock-of-class /clock',
    ]);
  });

  it('survivor-stands-alone: a case is no part of itself', () => {
    const past = put('receivedAt', '2026-06-14T08:00:00Z');
    expect(found('referral.linked', 'duplicate', past)).toEqual([]);
    const itself = put('survivingCaseRef', 'MTA-2B7H-QW3C-4');
    expect(found('referral.linked', 'duplicate', all(past, itself))).toEqual([
      'refuse survivor-stands-alone /linkedCaseRefs',
    ]);
  });
});

describe('an offer that is anonymous', () => {
  const offer = 'anonymous-digital-offer';
  it('anonymous-offer: holds no person, no way to one and no subject', () => {
    expect(found('intervention.requested', offer)).toEqual([]);
    const named = found('intervention.requested', offer, (data, envelope) => {
      envelope.subject = 'subject-1';
      data['person'] = {
        name: 'unknown',
        dateOfBirth: 'unknown',
        address: { kind: 'unknown' },
        contactRoutes: [],
      };
      data['contactRoutes'] = [{ kind: 'phone', safe: 'yes' }];
    });
    expect(named).toEqual([
      'refuse anonymous-offer /person',
      'refuse anonymous-offer /contactRoutes',
      'refuse anonymous-offer ',
    ]);
  });
});

describe('lumi-nova-age', () => {
  const asked = (dateOfBirth: string) =>
    check('intervention.requested', 'mentoring', (data) => {
      data['to'] = 'digital-therapy';
      data['serviceCode'] = 'digital-therapy';
      data['person'] = {
        name: 'Robin Example',
        dateOfBirth,
        address: { kind: 'unknown' },
        contactRoutes: [],
      };
      data['contactRoutes'] = [{ kind: 'phone', value: '01634 960123', belongsTo: 'carer', safe: 'yes' }];
    });

  it.each([
    ['2019-06-16', '5-6', 1],
    ['2019-06-15', '7-9', 0],
    ['2013-06-16', '10-12', 0],
    ['2013-06-15', '13-18', 1],
  ])('of who was born on %s is in band %s, with %i findings', (date, ageBand, findings) => {
    expect(asked(date).facts).toEqual({ ageBand });
    expect(asked(date).findings).toHaveLength(findings);
  });

  it('asks for an age that is not known, and for a carer', () => {
    expect(asked('unknown').findings).toMatchObject([{ severity: 'quality', keyword: 'lumi-nova-age' }]);
    expect(asked('unknown').facts).toEqual({});
    const bare = found('intervention.requested', 'mentoring', (data) => {
      data['to'] = 'digital-therapy';
      data['contactRoutes'] = [];
      delete data['person'];
    });
    expect(bare).toEqual([
      'quality lumi-nova-age /person/dateOfBirth',
      'quality lumi-nova-age /contactRoutes',
    ]);
  });
});

describe('digital-option-age', () => {
  it.each([
    ['kooth', 9, 1],
    ['kooth', 10, 0],
    ['kooth', 25, 0],
    ['kooth', 26, 1],
    ['lumi-nova', 6, 1],
    ['lumi-nova', 7, 0],
    ['lumi-nova', 12, 0],
    ['lumi-nova', 13, 1],
    ['website', 5, 0],
    ['kooth', undefined, 1],
    ['website', undefined, 0],
  ])('%s at %s years: %i findings', (option, years, findings) => {
    const digital = all(put('digitalOption', option), (data) => {
      delete data['ageYears'];
      if (years !== undefined) data['ageYears'] = years;
    });
    const [file] = readdirSync(join(projectRoot(), 'schemas/triage.outcome/v1.examples/valid'));
    expect(found('triage.outcome', file!.replace('.json', ''), digital)).toHaveLength(findings);
  });
});

describe('outcome.measure', () => {
  const measure = (code: string, scale: string, value: number, more: (data: Data) => void = () => {}) =>
    found('outcome.measure', 'review', (data) => {
      data['instrument'] = { code, version: '1' };
      data['administeredOn'] = today;
      data['respondent'] = 'young-person';
      data['scores'] = [{ scale, value }];
      more(data);
    });

  it.each([
    ['goal-based', 'total', 0, []],
    ['goal-based', 'total', 10, []],
    ['goal-based', 'total', 10.5, ['refuse score-in-range /scores/0/value']],
    ['sdq', 'total', 41, ['refuse score-in-range /scores/0/value']],
    ['swemwbs', 'total', 6, ['refuse score-in-range /scores/0/value']],
    ['sdq', 'mood', 1, ['quality scale-of-instrument /scores/0/scale']],
    ['sqd', 'total', 1, ['quality code-list /instrument/code']],
  ])('score-in-range and scale-of-instrument: %s %s %d', (code, scale, value, expected) => {
    expect(measure(code, scale, value)).toEqual(expected);
  });

  it('instrument-use: the version and who answers belong to the instrument', () => {
    expect(measure('cgas', 'total', 50)).toEqual(['quality instrument-use /respondent']);
    expect(measure('cgas', 'total', 50, put('respondent', 'worker'))).toEqual([]);
    expect(measure('ors', 'total', 20, put('instrument.version', '9'))).toEqual([
      'quality instrument-use /instrument/version',
    ]);
  });

  it('measure-administered: not in the future', () => {
    expect(measure('ors', 'total', 20, put('administeredOn', '2026-06-16'))).toEqual([
      'quality measure-administered /administeredOn',
    ]);
  });
});

describe('care-plan.published', () => {
  const plan = (changes: Data) =>
    found('care-plan.published', 'first', (data) => Object.assign(data, { reviewOn: '2026-09-07' }, changes));

  it('plan-version-rises: each version is higher than the one before', () => {
    expect(plan({})).toEqual([]);
    expect(plan({ supersedes: 1 })).toEqual(['refuse plan-version-rises /supersedes']);
    expect(plan({ version: 2, because: 'step-up' })).toEqual(['refuse plan-version-rises /supersedes']);
    expect(plan({ version: 2, supersedes: 2, because: 'step-up' })).toEqual([
      'refuse plan-version-rises /version',
    ]);
    expect(plan({ version: 3, supersedes: 1, because: 'first' })).toEqual([
      'refuse plan-version-rises /because',
    ]);
  });

  it('plan-review-in-time: within twelve weeks', () => {
    expect(plan({ reviewOn: '2026-09-08' })).toEqual(['quality plan-review-in-time /reviewOn']);
  });
});

describe('assessment.completed and waiting.status', () => {
  it('assessment-held: held, not booked', () => {
    expect(found('assessment.completed', 'in-person', put('heldOn', today))).toEqual([]);
    expect(found('assessment.completed', 'in-person', put('heldOn', '2026-06-16'))).toEqual([
      'refuse assessment-held /heldOn',
    ]);
  });

  it('estimate-in-order: from the earliest to the latest', () => {
    const estimate = (latest: string) => put('estimate', { earliest: '2026-07-01', latest });
    expect(found('waiting.status', 'third-week', estimate('2026-07-01'))).toEqual([]);
    expect(found('waiting.status', 'third-week', estimate('2026-06-30'))).toEqual([
      'refuse estimate-in-order /estimate/latest',
    ]);
  });
});

describe('rules and lists together', () => {
  const examples = contracts.all.flatMap((contract) => {
    const folder = join(projectRoot(), 'schemas', contract.type, 'v1.examples/valid');
    return readdirSync(folder).map((file) => [contract.type, file.replace('.json', '')] as const);
  });

  it.each(examples)('knows the codes of a valid %s: %s', (type, file) => {
    const contract = contracts.get(`mta.${type}.v1`)!;
    const path = join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${file}.json`);
    const envelope = JSON.parse(readFileSync(path, 'utf8')) as Envelope;
    const { findings } = contracts.checkRules(contract, envelope, { today, codeLists });
    expect(findings.filter(({ keyword }) => keyword === 'code-list')).toEqual([]);
  });

  it('is silent about safety data that its schema does not accept, for that is said already', () => {
    const contract = contracts.get('mta.risk.alert.v1')!;
    const envelope = {
      specversion: '1.0',
      id: 'a',
      source: '/partners/ylf',
      type: contract.name,
      data: 7,
    } as const;
    expect(contracts.checkRules(contract, envelope, { today, codeLists })).toEqual({
      findings: [],
      facts: {},
    });
  });
});
