import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { exchangeHeaders } from '#fhir';
import { aMeasure, aReference, aReferral, aRiskAlert, aStepUp, type Message } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { answerOf, untilStates, type Answer } from '../support/party.js';
import { everythingKept, rowsOfEveryTable } from '../support/what-is-kept.js';

/** Invented, and found nowhere else: where one of these turns up, something personal has leaked. */
const [NAME, NARRATIVE, PHONE, NHS] = [
  'Zanzibar Quillfeather',
  'whispered-under-the-stairs',
  '07700 900777',
  '9990009995',
] as const;
const PLANTED = [NAME, NARRATIVE, PHONE, NHS];

jest.setTimeout(60_000);
let hub: HubUnderTest;
beforeAll(async () => {
  hub = await startHubUnderTest({
    wire: 'local',
    configure: ({ policy }) => Object.assign(policy.rate, { perSecond: 1, burst: 220 }),
  });
});
afterAll(() => hub?.stop());

/** Every answer of the refused submissions, for the look at what leaked. */
const answers: string[] = [];

/** A step-up full of what must not leak. */
function aPlantedStepUp(data: Record<string, unknown> = {}): Message {
  const { person } = aStepUp().data;
  const route = { kind: 'sms', value: PHONE, belongsTo: 'young-person', safe: 'yes' };
  return aStepUp({
    data: {
      person: { ...(person as object), name: NAME, contactRoutes: [route] },
      currentStatus: NARRATIVE,
      ...data,
    },
  });
}

const withPerson = (change: object): Message => {
  const message = aPlantedStepUp();
  Object.assign(message.data.person as object, change);
  return message;
};
const json = (value: unknown): string => JSON.stringify(value);
const nested = (depth: number): unknown => (depth === 0 ? NARRATIVE : [nested(depth - 1)]);

interface Bad {
  /** What is sent; by YLF. */
  text: () => string;
  headers?: Record<string, string>;
  status: number;
  code: string;
  /** JSON Pointers of the answer. */
  pointers?: string[];
  /** Refused before anybody knows who sends it or reads it: no Refusal is kept. */
  unread?: true;
  /** The pointer names a key of the sender's own; no other answer repeats anything. */
  quotesKey?: true;
}

const BAD: Record<string, Bad> = {
  'malformed JSON': { text: () => `{"data": "${NAME}", `, status: 400, code: 'contract/not-json' },
  'JSON that is no object': { text: () => json([NAME]), status: 400, code: 'contract/not-json' },
  'no body': { text: () => '', status: 400, code: 'contract/not-json' },
  'another content type': {
    text: () => json(aPlantedStepUp()),
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'contract/media-type',
    unread: true,
  },
  'an unknown type': {
    text: () => json({ ...aPlantedStepUp(), type: 'mta.step-sideways.requested.v1' }),
    status: 422,
    code: 'contract/unknown-type',
  },
  'an unknown version': {
    text: () => json({ ...aPlantedStepUp(), type: 'mta.step-up.requested.v9' }),
    status: 422,
    code: 'contract/unknown-version',
  },
  'more than 256 KiB': {
    text: () => json(aPlantedStepUp({ currentStatus: NARRATIVE.repeat(20_000) })),
    status: 413,
    code: 'contract/too-large',
    unread: true,
  },
  'nesting deeper than 32': {
    text: () => json(aPlantedStepUp({ whatHelped: nested(40) })),
    status: 400,
    code: 'contract/too-deep',
  },
  'more than 2,000 values': {
    text: () => json(aPlantedStepUp({ tried: Array(2_100).fill(NARRATIVE) })),
    status: 400,
    code: 'contract/too-deep',
  },
  'a token that is none': {
    text: () => json(aPlantedStepUp()),
    headers: { authorization: 'Bearer e30.e30.e30' },
    status: 401,
    code: 'identity/bad-token',
    unread: true,
  },
  'another partner’s source': {
    text: () => json({ ...aPlantedStepUp(), source: '/partners/salus' }),
    status: 403,
    code: 'identity/foreign-source',
  },
  'an envelope without id': {
    text: () => json({ ...aPlantedStepUp(), id: undefined }),
    status: 422,
    code: 'contract/envelope',
    pointers: ['/id'],
  },
  'a date that is no date': {
    text: () => json(withPerson({ dateOfBirth: '2012-02-30' })),
    status: 422,
    code: 'contract/invalid',
    pointers: ['/data/person/dateOfBirth'],
  },
  'an NHS number with a wrong check digit': {
    text: () => json(withPerson({ nhsNumber: NHS })),
    status: 422,
    code: 'contract/invalid',
    pointers: ['/data/person/nhsNumber'],
  },
  'a key that no contract names': {
    text: () => json(aPlantedStepUp({ [NAME]: NARRATIVE })),
    status: 422,
    code: 'contract/invalid',
    // The sender needs its own key to mend it; in what we keep of it stands a `*`.
    pointers: [`/data/${NAME}`],
    quotesKey: true,
  },
  '__proto__ in the data': {
    text: () => json(aPlantedStepUp({ marker: 1 })).replace('"marker":1', '"__proto__":{"admin":true}'),
    status: 400,
    code: 'contract/forbidden-key',
    pointers: ['/data/__proto__'],
  },
};

describe('bad input', () => {
  it.each(Object.entries(BAD))(
    '%s is refused with a problem, and nothing but a Refusal is kept',
    async (_, bad) => {
      const before = await rowsAtRest();
      const answer = await hub.as('ylf').submit(bad.text(), bad.headers);
      expectProblem(answer, bad.status, bad.code, bad.quotesKey);
      const { errors = [] } = answer.json as { errors?: { pointer: string; keyword: string }[] };
      if (bad.pointers) expect(errors.map(({ pointer }) => pointer)).toEqual(bad.pointers);
      const after = await rowsOfEveryTable(hub.db);
      expect(after).toEqual({ ...before, refusal: (before.refusal ?? 0) + (bad.unread ? 0 : 1) });
    },
  );

  it('a request without a token is refused', async () => {
    const headers = { 'content-type': 'application/cloudevents+json' };
    const response = await fetch(`${hub.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: json(aPlantedStepUp()),
    });
    expectProblem(await answerOf(response), 401, 'identity/no-token');
  });

  it('the same id with another body is a conflict, and the first stays as it was', async () => {
    const message = aPlantedStepUp();
    const first = await hub.as('ylf').submit(json(message));
    const before = await rowsAtRest();
    const other = await hub.as('ylf').submit(json({ ...message, data: { ...message.data, weeksWaited: 9 } }));
    expectProblem(other, 409, 'contract/id-reused');
    expect((await rowsOfEveryTable(hub.db)).message).toBe(before.message);
    expect((await hub.as('ylf').submit(json(message))).text).toBe(first.text);
  });

  it('two references that name different cases are a conflict', async () => {
    const [one, two] = [await hub.as('ylf').send(aStepUp()), aStepUp()];
    await hub.as('ylf').send(two);
    const torn = aStepUp({ caseref: one.caseRef ?? '', partnercaseref: two.partnercaseref ?? '' });
    expectProblem(await hub.as('ylf').submit(json(torn)), 409, 'contract/case-mismatch');
  });

  it('an id that was refused is not used up', async () => {
    const message = aPlantedStepUp();
    const refused = await hub
      .as('ylf')
      .submit(json({ ...message, data: { ...message.data, urgency: NARRATIVE } }));
    expectProblem(refused, 422, 'contract/invalid');
    expect((await hub.as('ylf').submit(json(message))).status).toBe(202);
  });

  it('a bundle that is none of our messages gets an OperationOutcome', async () => {
    const before = await rowsAtRest();
    const bundle = {
      resourceType: 'Bundle',
      type: 'message',
      entry: [{ resource: { resourceType: 'Patient', name: [{ text: NAME }] } }],
    };
    const answer = await hub.as('nelft').request('POST', '/fhir/$process-message', bundle, {
      'content-type': 'application/fhir+json',
      ...exchangeHeaders({ source: '/partners/nelft', id: 'a-bundle' }),
    });
    answers.push(answer.text);
    expect(answer).toMatchObject({ status: 422, json: { resourceType: 'OperationOutcome' } });
    expect(await rowsOfEveryTable(hub.db)).toEqual({ ...before, refusal: (before.refusal ?? 0) + 1 });
  });

  it('?validate=only answers the same and leaves no trace', async () => {
    const before = await rowsAtRest();
    const path = '/v1/messages?validate=only';
    const headers = { 'content-type': 'application/cloudevents+json' };
    const good = await hub.as('ylf').request('POST', path, aPlantedStepUp(), headers);
    expect(good).toMatchObject({
      status: 202,
      json: { deliveries: [{ partner: 'salus' }, { partner: 'nkm' }] },
    });
    const bad = await hub.as('ylf').request('POST', path, withPerson({ nhsNumber: NHS }), headers);
    expectProblem(bad, 422, 'contract/invalid');
    expect(await rowsOfEveryTable(hub.db)).toEqual(before);
  });

  it('leaves nothing personal in any log line, figure, answer or table', async () => {
    const { messageId } = await hub.as('ylf').send(aPlantedStepUp());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const alert = aRiskAlert({ data: { concern: NARRATIVE, callback: PHONE, [NAME]: NARRATIVE } });
    const { messageId: alertId } = await hub.as('ylf').send(alert);
    await untilStates(hub.as('ylf'), alertId, { nkm: 'acknowledged' });

    const figures = await (await fetch(`${hub.url}/metrics`)).text();
    expect(figures).toContain('hub_');
    expect(hub.log.length).toBeGreaterThan(20);
    const { text: refusals } = await hub.as('ops').request('GET', '/v1/refusals');
    const { text: timeline } = await hub.as('ops').request('GET', `/v1/messages/${alertId}`);
    const kept = await everythingKept(hub.db);
    expect(kept).toContain(messageId);
    const places = { log: hub.log.join(''), figures, refusals, timeline, answers: answers.join(''), kept };
    for (const [place, text] of Object.entries(places))
      for (const planted of PLANTED) {
        const hex = Buffer.from(planted).toString('hex');
        expect({ place, planted, found: text.includes(planted) || text.includes(hex) }).toEqual({
          place,
          planted,
          found: false,
        });
      }
    const check = await hub.as('ops').post<{ clean: boolean }>('/v1/check', { planted: PLANTED });
    expect(check).toMatchObject({ clean: true });
  });
});

describe('a partner', () => {
  it('reads only its own: what is another’s looks like what is not there', async () => {
    const { messageId, caseRef } = await hub.as('ylf').send(aStepUp());
    const nowhere = randomUUID();
    const look = async (party: string, path: string) => {
      const { status, json: body } = await hub.as(party).request('GET', path);
      return { status, body: { ...(body as object), instance: '' } };
    };
    const missing = await look('referrers', `/v1/messages/${nowhere}`);
    expect(missing.status).toBe(404);
    expect(await look('referrers', `/v1/messages/${messageId}`)).toEqual(missing);
    expect(await look('referrers', `/v1/cases/${caseRef}`)).toEqual(missing);
    expect(await look('referrers', `/v1/cases/${caseRef}/timeline`)).toEqual(missing);
    const { deliveries, timeline } = await hub.as('salus').follow(messageId);
    expect(deliveries.map(({ partner }) => partner)).toEqual(['salus']);
    expect(timeline.every(({ partner }) => partner === 'salus')).toBe(true);
  });

  it('finds a message by the id of its sender only as that sender', async () => {
    const message = aStepUp();
    const { messageId } = await hub.as('ylf').send(message);
    const path = `/v1/messages?source=/partners/ylf&id=${message.id}`;
    expect(await hub.as('ylf').get(path)).toMatchObject({ messageId });
    expect((await hub.as('referrers').request('GET', path)).status).toBe(404);
    // A recipient sees its own part, and not what the sender calls it.
    expect(JSON.stringify(await hub.as('salus').follow(messageId))).not.toContain(message.id);
  });

  it('does not reach the recovery desk, the gates, the refusals or the check', async () => {
    for (const path of ['/v1/dead-letters', '/v1/partners', '/v1/refusals', '/v1/check'])
      expect({ path, ...(await hub.as('ylf').request('GET', path)) }).toMatchObject({ path, status: 403 });
  });

  it('cannot acknowledge or decide for another', async () => {
    const { deliveries } = await hub
      .as('salus')
      .send(aStepUp({ from: 'salus', data: { to: 'mentoring-peer' } }));
    const id = deliveries.find(({ partner }) => partner === 'ylf')?.id;
    expect((await hub.as('referrers').request('POST', `/v1/inbox/${id}/acknowledge`, {})).status).toBe(404);
    expect((await hub.as('referrers').request('POST', `/v1/inbox/${id}/decide`, {})).status).toBe(404);
  });

  it('is the only kind of party that sends', async () => {
    const answer = await hub.as('ops').submit(json(aStepUp()));
    expect(answer).toMatchObject({ status: 403, json: { code: 'identity/not-allowed' } });
  });

  it('cannot learn of a case by guessing its reference', async () => {
    const { caseRef } = await hub.as('ylf').send(aStepUp());
    const guess = aMeasure({ caseref: caseRef ?? '', partnercaseref: aReference() });
    const stranger = await hub.as('referrers').submit(json({ ...aReferral(), caseref: caseRef }));
    expect(stranger.status).toBe(202);
    expect((stranger.json as { caseRef: string }).caseRef).not.toBe(caseRef);
    // Salus was asked, so it may join.
    expect((await hub.as('salus').send(guess)).caseRef).toBe(caseRef);
  });
});

describe('too much at once', () => {
  it('makes one message of 200 concurrent posts, with 200 equal Receipts', async () => {
    const text = json(aReferral());
    await hub.as('referrers').token();
    const all = await Promise.all(Array.from({ length: 200 }, () => hub.as('referrers').submit(text)));
    expect(new Set(all.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    const { messageId } = all[0]?.json as { messageId: string };
    const { rows } = await hub.db.query('select from message_key where message_id = $1', [messageId]);
    expect(rows).toHaveLength(1);
    await untilStates(hub.as('referrers'), messageId, { nkm: 'acknowledged' });
    expect(
      hub
        .simulator('nkm')
        .received()
        .filter(({ id }) => id === messageId),
    ).toMatchObject([{ count: 1 }]);
  });

  it('slows a flood with 429 and Retry-After, but no safety message and nobody else', async () => {
    const path = '/v1/messages?validate=only';
    const headers = { 'content-type': 'application/cloudevents+json' };
    const post = () => hub.as('nkm').request('POST', path, aMeasure({ from: 'nkm' }), headers);
    const flood = await Promise.all(Array.from({ length: 260 }, post));
    const slowed = flood.find(({ status }) => status === 429);
    expect(slowed).toMatchObject({ json: { code: 'identity/rate-limited' } });
    expect(Number(slowed?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([202, 429]));
    const alert = await hub.as('nkm').submit(json(aRiskAlert({ from: 'nkm' })));
    expect(alert.status).toBe(202);
    expect((await hub.as('salus').submit(json(aMeasure()))).status).toBe(202);
  });
});

/** The rows of every table once nothing is under way any more. */
function rowsAtRest(): Promise<Record<string, number>> {
  return eventually(async () => {
    const { rows } = await hub.db.query(
      "select from delivery where state in ('ready', 'claimed') union all select from receipt where due",
    );
    expect(rows).toHaveLength(0);
    return rowsOfEveryTable(hub.db);
  });
}

function expectProblem(answer: Answer, status: number, code: string, quotesKey = false): void {
  if (!quotesKey) answers.push(answer.text);
  expect({ status: answer.status, body: answer.json }).toMatchObject({
    status,
    body: {
      type: `/docs/faults#${code.replace('/', '-')}`,
      title: expect.stringMatching(/\w/),
      status,
      code,
      detail: expect.stringMatching(/\w/),
      remedy: expect.stringMatching(/\w/),
      instance: expect.stringMatching(/^urn:uuid:/),
      telephone: expect.stringMatching(/telephone/),
    },
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
}
