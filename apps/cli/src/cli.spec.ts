import { describe, expect, it } from '@jest/globals';
import { setup, type Seen } from '../../../tests/support/cli.js';

const receipt = {
  messageId: '0193-1',
  caseRef: 'MTA-1',
  acceptedAt: '2026-11-22T10:00:00Z',
  deliveries: [{ id: 'd-1', partner: 'salus' }],
};
const message = {
  specversion: '1.0',
  id: 'in-the-file',
  source: '/partners/ylf',
  type: 'mta.x.v1',
  data: { a: 1 },
};

describe('hub token', () => {
  it('prints the bare token', async () => {
    const { hub, said } = await setup();
    expect(await hub('token', 'salus')).toBe(0);
    expect(said).toEqual({ out: 'token-of-salus\n', err: '' });
  });

  it('names the parties that there are when asked for another', async () => {
    const { hub, said } = await setup();
    expect(await hub('token', 'sallus')).toBe(1);
    expect(said.out).toBe('');
    expect(said.err).toContain('no credentials for "sallus"');
    expect(said.err).toContain('ops, salus, ylf');
  });

  it('says what to do when hub and folder do not belong together', async () => {
    const { hub, said, write } = await setup();
    write('credentials.json', { salus: { clientId: 'salus', clientSecret: 'of another hub' } });
    expect(await hub('token', 'salus')).toBe(1);
    expect(said.err).toContain('HUB_DATA');
  });

  it('says what to do when no hub answers', async () => {
    const { hub, said } = await setup({}, { HUB_URL: 'http://127.0.0.1:1' });
    expect(await hub('token', 'salus')).toBe(1);
    expect(said.err).toContain('No hub answers at http://127.0.0.1:1.');
    expect(said.err).toContain('npm start');
  });
});

describe('hub send', () => {
  it('posts the message as its own source, with a fresh id each time, and shows the receipt', async () => {
    const { hub, seen, said, write } = await setup({ 'POST /v1/messages': [202, receipt] });
    const file = write('m.json', message);
    expect(await hub('send', file)).toBe(0);
    expect(await hub('send', file)).toBe(0);
    const [first, second] = seen as [Seen, Seen];
    expect(first).toMatchObject({
      party: 'ylf',
      type: 'application/cloudevents+json',
      body: { data: { a: 1 } },
    });
    const ids = [first, second].map(({ body }) => (body as { id: string }).id);
    expect(new Set([...ids, 'in-the-file']).size).toBe(3);
    expect(said.out).toContain('accepted  0193-1');
    expect(said.out).toContain('hub trace 0193-1 --follow');
  });

  it('changes members and the sender when told to', async () => {
    const { hub, seen, said, write } = await setup({ 'POST /v1/messages': [202, receipt] });
    const file = write('m.json', message);
    const changes = ['data.b.c=true', 'data.a=text', 'caseref=MTA-7', 'id=fixed'].flatMap((set) => [
      '--set',
      set,
    ]);
    expect(await hub('send', file, '--as', 'salus', ...changes, '--json')).toBe(0);
    expect(JSON.parse(said.out)).toEqual(receipt);
    expect(seen[0]).toMatchObject({
      party: 'salus',
      body: { source: '/partners/salus', id: 'fixed', caseref: 'MTA-7', data: { a: 'text', b: { c: true } } },
    });
  });

  it('prints title, detail, pointers and remedy of a problem, and fails', async () => {
    const problem = {
      title: 'The data does not satisfy its contract.',
      code: 'contract/invalid',
      detail: 'Two members are wrong.',
      remedy: 'Mend what the pointers name.',
      errors: [
        { pointer: '/data/person/nhsNumber', keyword: 'nhs-number', detail: 'has a wrong check digit' },
      ],
      telephone: 'Telephone now.',
      instance: 'urn:uuid:1',
    };
    const { hub, said, write } = await setup({ 'POST /v1/messages': [422, problem] });
    expect(await hub('send', write('m.json', message))).toBe(1);
    expect(said.out).toBe('');
    for (const part of [...Object.values(problem).filter((value) => typeof value === 'string')]) {
      expect(said.err).toContain(part);
    }
    expect(said.err).toContain('/data/person/nhsNumber  has a wrong check digit');
    said.err = '';
    expect(await hub('send', write('m.json', message), '--json')).toBe(1);
    expect(JSON.parse(said.err)).toEqual({ status: 422, ...problem });
  });

  it.each([
    [['send'], 'missing required argument'],
    [['send', 'nowhere.json'], 'samples/ has some'],
    [['send', 'x', '--set', 'nothing'], 'data.urgency=urgent'],
    [['snd'], 'Did you mean send'],
    [['dead-letters', 'discard', 'd-1'], '--reason'],
    [['partners', 'pause', 'nelft', '--reason', 'x', '--for', 'long'], 'for example 4h'],
    [['alerts'], '--watch'],
  ])('teaches after %j', async (argv, words) => {
    const { hub, said } = await setup();
    expect(await hub(...argv)).toBe(1);
    expect(said.err).toContain(words);
  });
});

describe('hub trace', () => {
  const entry = (station: string) => ({
    at: '2026-11-22T10:00:00.000Z',
    station,
    partner: 'salus',
    detail: { attempt: 1 },
  });
  const view = (state: string, stations: string[]) => ({
    messageId: '0193-1',
    type: 'step-up.requested',
    source: '/partners/ylf',
    caseRef: 'MTA-1',
    answer: 'receipt',
    deliveries: [{ partner: 'salus', state, attempts: 1, code: null, owner: null }],
    timeline: stations.map(entry),
  });

  it('shows every station in order and how the deliveries stand', async () => {
    const answer = view('acknowledged', ['hub.received', 'hub.accepted', 'origin.informed']);
    const { hub, said, seen } = await setup({ 'GET /v1/messages/0193-1': [200, answer] });
    expect(await hub('trace', '0193-1')).toBe(0);
    expect(said.out).toMatch(/hub\.received.*attempt=1\n.*hub\.accepted.*–\n.*origin\.informed.*–\n/);
    expect(said.out).toMatch(/salus +acknowledged +1/);
    expect(seen[0]?.party).toBe('ops');
  });

  it('follows until the origin is informed, each station once', async () => {
    const steps = [
      view('ready', ['hub.accepted']),
      view('acknowledged', ['hub.accepted', 'partner.accepted']),
      view('acknowledged', ['hub.accepted', 'partner.accepted', 'origin.informed']),
    ];
    const { hub, said } = await setup({
      'GET /v1/messages/0193-1': (response) => response.end(JSON.stringify(steps.shift())),
    });
    expect(await hub('trace', '0193-1', '--follow')).toBe(0);
    expect(steps).toHaveLength(0);
    for (const station of ['hub.accepted', 'partner.accepted', 'origin.informed']) {
      expect(said.out.split(station)).toHaveLength(2);
    }
  });

  it('fails for a message that is not there', async () => {
    const { hub, said } = await setup();
    expect(await hub('trace', '0193-9')).toBe(1);
    expect(said.err).toContain('404');
  });
});

describe('hub dead-letters', () => {
  const letter = {
    deliveryId: 'd-1',
    partner: 'nelft',
    type: 'step-up.requested',
    code: 'partner-refused/refused',
    owner: 'front-door',
    dueAt: 'soon',
    holds: 2,
  };

  it('lists them, and shows one with what its code means', async () => {
    const { hub, said } = await setup({
      'GET /v1/dead-letters?partner=nelft': [200, { items: [letter] }],
      'GET /v1/dead-letters/d-1': [200, letter],
    });
    expect(await hub('dead-letters', 'list', '--partner', 'nelft')).toBe(0);
    expect(said.out).toMatch(/d-1 +nelft +step-up\.requested +partner-refused\/refused/);
    expect(await hub('dead-letters', 'show', 'd-1')).toBe(0);
    expect(said.out).toContain('The partner refused the message for good.');
  });

  it('answers as JSON where it is asked to', async () => {
    const { hub, said } = await setup({ 'GET /v1/dead-letters': [200, { deadLetters: [letter] }] });
    expect(await hub('dead-letters', 'list', '--json')).toBe(0);
    expect(JSON.parse(said.out)).toEqual({ deadLetters: [letter] });
  });

  it.each([
    [['replay', 'd-1', '--reason', 'x'], 'replay', { reason: 'x' }],
    [['discard', 'd-1', '--reason', 'sent twice'], 'discard', { reason: 'sent twice' }],
    [['release', 'd-1', '--reason', 'x'], 'release', { reason: 'x' }],
  ])('performs %j', async (argv, action, body) => {
    const { hub, seen } = await setup({ [`POST /v1/dead-letters/d-1/${action}`]: [200, {}] });
    expect(await hub('dead-letters', ...argv)).toBe(0);
    expect(seen).toMatchObject([{ party: 'ops', body }]);
  });

  it('fails when somebody was faster', async () => {
    const { hub, said } = await setup({
      'POST /v1/dead-letters/d-1/replay': [
        409,
        { title: 'No longer in a state that allows this.', code: 'infrastructure/conflict' },
      ],
    });
    expect(await hub('dead-letters', 'replay', 'd-1', '--reason', 'x')).toBe(1);
    expect(said.err).toContain('infrastructure/conflict');
  });
});

describe('hub partners and contracts', () => {
  it('pauses with reason, owner and end', async () => {
    const { hub, seen } = await setup({ 'POST /v1/partners/nelft/pause': [200, {}] });
    expect(await hub('partners', 'pause', 'nelft', '--reason', 'planned work', '--for', '2h')).toBe(0);
    const { until, ...rest } = seen[0]?.body as { until: string };
    expect(rest).toEqual({ reason: 'planned work', owner: 'ops' });
    expect(Date.parse(until) - Date.now()).toBeGreaterThan(7_100_000);
  });

  it('lists partners with their gates, and contracts', async () => {
    const { hub, said } = await setup({
      'GET /v1/partners': [
        200,
        {
          partners: [
            {
              id: 'nelft',
              name: 'NELFT',
              channel: 'fhir',
              gates: [{ stream: 'ordinary', state: 'resting' }],
            },
          ],
        },
      ],
      'GET /v1/contracts': [200, [{ type: 'risk.alert', version: 'v1', band: 'urgent' }]],
      'GET /v1/contracts/risk.alert/v1': [200, { $id: 'x' }],
    });
    expect(await hub('partners', 'list')).toBe(0);
    expect(await hub('contracts', 'list')).toBe(0);
    expect(await hub('contracts', 'show', 'risk.alert')).toBe(0);
    expect(said.out).toMatch(/nelft +NELFT +fhir +resting \(ordinary\)/);
    expect(said.out).toMatch(/risk\.alert +v1 +urgent/);
    expect(said.out).toContain('"$id": "x"');
  });
});

describe('hub check', () => {
  it.each([
    [true, 0],
    [false, 1],
  ])('exits by whether all invariants hold: %s', async (ok, code) => {
    const { hub, said } = await setup({
      'GET /v1/check': [
        200,
        { ok, invariants: [{ id: 'I1', ok, means: 'accepted = live + ended', found: 0, examples: [] }] },
      ],
    });
    expect(await hub('check')).toBe(code);
    expect(said.out).toContain(ok ? 'holds' : 'BROKEN');
  });

  it('fails when nothing was proved', async () => {
    const { hub } = await setup({ 'GET /v1/check': [200, { invariants: [] }] });
    expect(await hub('check')).toBe(1);
  });
});
