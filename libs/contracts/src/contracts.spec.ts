import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { loadContracts } from './contracts.js';
import type { Envelope } from './envelope.js';
import { projectRoot } from './project-root.js';

const contracts = loadContracts();

function contract(type: string) {
  const found = contracts.get(`mta.${type}.v1`);
  if (!found) throw new Error(`no contract ${type}`);
  return found;
}
function message(type: string, data: unknown): Envelope {
  return { specversion: '1.0', id: 'a-1', source: '/partners/nkm', type: `mta.${type}.v1`, data };
}

describe('loadContracts', () => {
  it('reads every type of the folder, with its annotations', () => {
    expect(contract('risk.alert')).toMatchObject({
      band: 'urgent',
      order: 'none',
      case: 'opens',
      answers: ['risk.acknowledged'],
      safety: true,
      dataClass: 'risk',
      sensitivity: 'S4',
      facts: { immediacy: '/immediacy' },
      clocks: [{ name: 'CLK-RISK', duration: 'PT15M', calendar: 'elapsed', owner: 'clinical-lead' }],
    });
    expect(contract('hub.receipt')).toMatchObject({
      case: 'none',
      order: 'none',
      consentCheck: false,
      safety: false,
    });
    expect(contracts.get('mta.step.decision.v2')).toBeUndefined();
    expect(contracts.byType('step.decision').map((each) => each.major)).toEqual([1]);
    expect(contracts.byType('constructor')).toEqual([]);
  });

  it('inlines what schemas share, so that annotations can be read in place', () => {
    expect(JSON.stringify(contracts.all)).not.toContain('$ref');
  });
});

describe('a folder with mistakes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'contracts-'));
    cpSync(join(projectRoot(), 'schemas'), folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The error of loading the folder with one schema changed, and changed back. */
  function problems(type: string, change: (text: string) => string): string {
    const file = join(folder, type, 'v1.json');
    const text = readFileSync(file, 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(file, changed);
    try {
      loadContracts(folder);
      return 'loaded';
    } catch (error) {
      return (error as Error).message;
    } finally {
      writeFileSync(file, text);
    }
  }
  const edit = (change: (schema: Schema) => void) => (text: string) => {
    const schema = JSON.parse(text) as Schema;
    change(schema);
    return JSON.stringify(schema);
  };
  type Schema = Record<string, unknown> & { properties: Record<string, Record<string, unknown>> };

  it('loads unchanged', () => {
    expect(loadContracts(folder).all).toHaveLength(contracts.all.length);
  });

  it('names every problem at once', () => {
    const found = problems(
      'step.decision',
      edit((schema) => {
        delete schema.properties['ownerFrom']!['x-sensitivity'];
        delete schema.properties['decidedBy']!['x-purposes'];
        schema.properties['decision']!['x-sensitivity'] = 'S2';
        schema['x-answer'] = 'nobody';
        schema['x-band'] = 'fast';
        schema['x-colour'] = 'blue';
      }),
    );
    for (const part of [
      '/ownerFrom needs x-sensitivity',
      '/decidedBy needs x-purposes',
      '/decision is a fact, so its x-sensitivity may be at most S1',
      'x-answer "nobody" is no contract',
      'x-band must be one of urgent,normal,bulk',
      'unknown annotation x-colour',
    ])
      expect(found).toContain(part);
    expect(found).toMatch(/^6 problems/);
  });

  it.each<[string, (schema: Schema) => void]>([
    ['x-answer: receipt and none stand alone', (s) => void (s['x-answer'] = ['step.decision', 'receipt'])],
    ['x-answer "nobody" is no contract', (s) => void (s['x-answer'] = ['step.decision', 'nobody'])],
    ['needs x-answer, a text or a list of texts', (s) => void (s['x-answer'] = [])],
    [
      'x-clocks: from must be the pointer of a property',
      (s) => void ((s['x-clocks'] as Schema[])[0]!['from'] = '/nowhere'),
    ],
    [
      'when names the fact "colour"',
      (s) => void ((s['x-clocks'] as Schema[])[0]!['when'] = { colour: 'red' }),
    ],
    ['has the unknown purpose "marketing"', (s) => void (s.properties['to']!['x-purposes'] = ['marketing'])],
    ['must have additionalProperties: false', (s) => void delete s['additionalProperties']],
    ['x-fact "to" that /to has too', (s) => void (s.properties['reason']!['x-fact'] = 'to')],
    ['is less sensitive than /person', (s) => void (s.properties['person']!['x-sensitivity'] = 'S4')],
    ['which /person lacks', (s) => void (s.properties['person']!['x-purposes'] = ['safety'])],
    ['x-consent: status must be', (s) => void (s['x-consent'] = [{ status: '/nowhere' }])],
    [
      'stops "nobody", which is no contract',
      (s) => void ((s['x-clocks'] as Schema[])[0]!['stops'] = ['nobody']),
    ],
    ['the duration P2 is none', (s) => void ((s['x-clocks'] as Schema[])[0]!['duration'] = 'P2')],
    ['x-lane must be a JSON Pointer', (s) => void (s['x-lane'] = 'subject')],
    ['stands beside $ref', (s) => void (s.properties['person']!['minProperties'] = 1)],
    ['names nothing', (s) => void (s.properties['person']!['$ref'] = '../shared/v1.json#/$defs/nobody')],
  ])('says: %s', (problem, change) => {
    expect(problems('step-up.requested', edit(change))).toContain(problem);
  });
});

describe('validate', () => {
  it('points at the place and keeps keys and values of the sender out of message and schemaPath', () => {
    const data = { decision: 'Robin Example', decidedAt: 'Robin Example', 'Robin Example': 'Robin Example' };
    const found = contracts.validate(contract('step.decision'), message('step.decision', data));
    expect(found.map(({ pointer, keyword }) => [pointer, keyword])).toEqual([
      ['/data/decidedBy', 'required'],
      ['/data/Robin Example', 'additionalProperties'],
      ['/data/decision', 'enum'],
      ['/data/decidedAt', 'format'],
    ]);
    expect(JSON.stringify(found.map(({ message, schemaPath }) => [message, schemaPath]))).not.toContain(
      'Robin',
    );
  });

  it('names at most 20 violations', () => {
    const data = Object.fromEntries(Array.from({ length: 50 }, (_each, index) => [`unknown-${index}`, 1]));
    expect(contracts.validate(contract('step.decision'), message('step.decision', data))).toHaveLength(20);
  });

  it.each([undefined, null, 'text', 1, []])('takes the data %j for what it is: no object', (data) => {
    const [first] = contracts.validate(contract('step.decision'), message('step.decision', data));
    expect(first).toMatchObject({ pointer: '/data', keyword: 'type' });
  });

  it.each([undefined, null, 'text', 1, []])('takes the envelope %j for what it is: no object', (value) => {
    expect(contracts.validateEnvelope(value)).toMatchObject([{ pointer: '', keyword: 'type' }]);
  });
});

describe('validateEnvelope', () => {
  const good = message('step.decision', {});
  it.each([
    ['specversion', '0.3', 'const'],
    ['id', '', 'minLength'],
    ['id', 'with space', 'pattern'],
    ['source', 'salus', 'pattern'],
    ['type', 'step.decision', 'pattern'],
    ['time', 'yesterday', 'format'],
    ['caseref', 'Robin Example', 'pattern'],
    ['sharingbasis', 'because', 'enum'],
    ['testflag', 'yes', 'type'],
    ['data', [], 'type'],
    ['deliveryid', 'x', 'additionalProperties'],
  ])('refuses %s %j', (attribute, value, keyword) => {
    const found = contracts.validateEnvelope({ ...good, [attribute]: value });
    expect(found).toContainEqual(expect.objectContaining({ pointer: `/${attribute}`, keyword }));
  });

  it.each(['safeguarding-override', 'vital-interest'])(
    'asks for a reason with the basis %s',
    (sharingbasis) => {
      expect(contracts.validateEnvelope({ ...good, sharingbasis })).toMatchObject([
        { pointer: '/overridereason', keyword: 'required' },
      ]);
      expect(contracts.validateEnvelope({ ...good, sharingbasis, overridereason: 'Danger.' })).toEqual([]);
    },
  );
});

describe('factsOf', () => {
  it('gives what the message states, and nothing else', () => {
    const facts = contracts.factsOf(
      contract('step-up.requested'),
      message('step-up.requested', {
        to: 'mentoring-intensive',
        urgency: 'routine',
        currentStatus: 'unwell',
      }),
    );
    expect(facts).toEqual({ to: 'mentoring-intensive', urgency: 'routine' });
  });

  it('leaves out what is no plain value, as a safety message with findings may hold', () => {
    expect(
      contracts.factsOf(contract('risk.alert'), message('risk.alert', { immediacy: { now: true } })),
    ).toEqual({});
    expect(contracts.factsOf(contract('risk.alert'), message('risk.alert', null))).toEqual({});
  });
});

describe('consentStatementsOf', () => {
  const statements = (type: string, data: unknown) =>
    contracts.consentStatementsOf(contract(type), message(type, data));

  it('reads one statement for each scope of consent.changed', () => {
    const scope = [
      { party: 'salus', dataClass: 'care', purpose: '*' },
      { party: '*', dataClass: 'risk', purpose: 'safety' },
    ];
    expect(statements('consent.changed', { status: 'withdrawn', scope })).toEqual([
      { status: 'withdrawn', party: 'salus', dataClass: 'care', purpose: '*' },
      { status: 'withdrawn', party: '*', dataClass: 'risk', purpose: 'safety' },
    ]);
  });

  it('reads consent given with a request as speaking of every party', () => {
    expect(statements('step-up.requested', { consent: { status: 'given' } })).toEqual([
      { status: 'given', party: '*', dataClass: '*', purpose: '*' },
    ]);
  });

  it('reads limited consent as limited, and then given for its scope', () => {
    const consent = {
      status: 'limited',
      scope: [{ party: 'nelft', dataClass: 'care', purpose: 'direct-care' }],
    };
    expect(statements('referral.submitted', { consent })).toEqual([
      { status: 'limited', party: '*', dataClass: '*', purpose: '*' },
      { status: 'given', party: 'nelft', dataClass: 'care', purpose: 'direct-care' },
    ]);
  });

  it.each(['not-asked', 'unknown', 'perhaps'])('reads %s as no statement', (status) => {
    expect(statements('step-up.requested', { consent: { status } })).toEqual([]);
  });

  it('says nothing where nothing stands, whatever the shape', () => {
    for (const data of [undefined, null, {}, { consent: 'given' }, { consent: { scope: 'all' } }])
      expect(statements('step-up.requested', data)).toEqual([]);
  });
});
