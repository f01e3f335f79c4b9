import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';
import type { Envelope } from '#contracts';
import { exchangeHeaders, toBundle } from '#fhir';
import { aRiskAlert, aStepDown } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FIXTURES } from '../support/fhir-validator.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import type { Answer } from '../support/party.js';
import { rowsOfEveryTable } from '../support/what-is-kept.js';

jest.setTimeout(60_000);
const hub = {} as HubUnderTest;
beforeAll(async () => {
  Object.assign(hub, await startHubUnderTest({ wire: 'local' }));
});
afterAll(() => hub.stop?.());

const DOOR = '/fhir/$process-message';
const FHIR_JSON = { 'content-type': 'application/fhir+json' };
const ids = (): Record<string, string> => ({
  'x-request-id': randomUUID(),
  'x-correlation-id': randomUUID(),
});

function post(body: unknown, headers: Record<string, string> = ids()): Promise<Answer> {
  return hub.as('nelft').request('POST', DOOR, body, { ...FHIR_JSON, ...headers });
}
const postMessage = (message: Envelope): Promise<Answer> => post(toBundle(message), exchangeHeaders(message));
const outcomeOf = ({ json }: Answer): OperationOutcome => json as OperationOutcome;
const firstIssue = (answer: Answer): unknown[] => {
  const [issue] = outcomeOf(answer).issue;
  return [answer.status, issue?.details?.coding?.[0]?.code, issue?.code];
};

describe('the exchange', () => {
  it('gives both ids back at all times, also in a refusal before the message is read', async () => {
    const given = ids();
    const token = { authorization: 'Bearer none' };
    const taken = aStepDown();
    for (const answer of [
      await post(toBundle(taken), given),
      await post('no json', given),
      await post('<Bundle/>', { ...given, 'content-type': 'application/fhir+xml' }),
      await post({}, { ...given, ...token }),
    ])
      expect(Object.fromEntries(answer.headers)).toMatchObject(given);
  });

  it.each([
    ['no request id', { 'x-correlation-id': randomUUID() }, [400, 'REC_BAD_REQUEST', 'required']],
    ['no correlation id', { 'x-request-id': randomUUID() }, [400, 'REC_BAD_REQUEST', 'required']],
    ['an id that is no UUID', { ...ids(), 'x-request-id': '4711' }, [400, 'REC_BAD_REQUEST', 'value']],
    [
      'a version that is not spoken',
      { ...ids(), accept: 'application/fhir+json; version=9.0.0' },
      [406, 'REC_NOT_ACCEPTABLE', 'processing'],
    ],
  ])('refuses %s, and the message is not used up', async (_what, headers, issue) => {
    const message = aStepDown();
    expect(firstIssue(await post(toBundle(message), headers as unknown as Record<string, string>))).toEqual(
      issue,
    );
    expect((await postMessage(message)).status).toBe(200);
  });

  it('answers a message that it had with 409 duplicate, and makes no second one', async () => {
    const message = aStepDown();
    const first = await postMessage(message);
    expect(first.status).toBe(200);
    const before = await hub.as('nelft').get<{ messageId: string }>(pathOf(message));
    const again = await postMessage(message);
    expect(firstIssue(again)).toEqual([409, 'REC_CONFLICT', 'duplicate']);
    expect(again.headers.get('location')).toBe(`/v1/messages/${before.messageId}`);
    expect(again.text).not.toContain('has not been taken');
  });

  it('answers another message under an id that was used with 409 conflict, which is no duplicate', async () => {
    const message = aStepDown();
    expect((await postMessage(message)).status).toBe(200);
    const other = { ...message, data: { ...message.data, treatmentSummary: 'Another.' } };
    expect(firstIssue(await postMessage(other))).toEqual([409, 'REC_CONFLICT', 'conflict']);
  });

  it('takes a risk alert without ids and without a version, and says what it lacks', async () => {
    const message = aRiskAlert({ from: 'nelft' });
    const bundle = toBundle(message);
    delete bundle.meta;
    const answer = await post(bundle, {});
    expect(answer.status).toBe(200);
    const findings = (answer.json as Bundle<FhirResource>).entry
      ?.flatMap(({ resource }) => (resource?.resourceType === 'OperationOutcome' ? resource.issue : []))
      .map(({ code }) => code);
    expect(findings).toEqual(['required', 'required', 'invariant']);
  });

  it('refuses XML with an OperationOutcome', async () => {
    const answer = await post('<Bundle xmlns="http://hl7.org/fhir"/>', {
      ...ids(),
      'content-type': 'application/fhir+xml',
    });
    expect(firstIssue(answer)).toEqual([415, 'REC_UNSUPPORTED_MEDIA_TYPE', 'not-supported']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  });

  it.each<[string, (bundle: Bundle<FhirResource>) => unknown, string]>([
    ['a reference that leads nowhere', (b) => void b.entry?.splice(indexOf(b, 'Patient'), 1), 'not-found'],
    ['two NHS numbers', (b) => void patientOf(b)?.identifier?.push(...NHS_NUMBERS), 'multiple-matches'],
    ['another bundle than a message', (b) => void (b.type = 'transaction'), 'invariant'],
  ])('refuses %s', async (_what, spoil, code) => {
    const message = aStepDown();
    const bundle = toBundle(message);
    spoil(bundle);
    const answer = await post(bundle);
    expect(answer.status).toBe(422);
    expect(outcomeOf(answer).issue.map((issue) => issue.code)).toContain(code);
    expect((await postMessage(message)).status).toBe(200);
  });
});

describe('what a bundle says and its message does not', () => {
  const spoilt = (message: Envelope): Bundle<FhirResource> => {
    const bundle = toBundle(message);
    Object.assign(patientOf(bundle) ?? {}, { maritalStatus: { text: 'Wed in Secret' } });
    return bundle;
  };
  const remarksIn = ({ json }: Answer): unknown[] => {
    const { entry } = json as Bundle<FhirResource>;
    const resources = entry ? entry.map(({ resource }) => resource) : [json as OperationOutcome];
    return resources
      .flatMap((each) => (each?.resourceType === 'OperationOutcome' ? each.issue : []))
      .filter(({ severity, code }) => severity === 'warning' && code === 'informational')
      .map(({ expression }) => expression);
  };
  const where = (bundle: Bundle<FhirResource>): string[] => [
    `Bundle.entry[${indexOf(bundle, 'Patient')}].resource.maritalStatus`,
  ];

  it('is told in the answer, and again to whoever asks again, but never by its value', async () => {
    const message = aStepDown();
    const bundle = spoilt(message);
    const answers = [await post(bundle), await post(bundle)];
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    for (const answer of answers) {
      expect(remarksIn(answer)).toEqual([where(bundle)]);
      expect(answer.text).not.toContain('Secret');
    }
    const { messageId } = await hub.as('nelft').get<{ messageId: string }>(pathOf(message));
    expect(await alertsOf(messageId)).toEqual([]);
    expect(remarksIn(await postMessage(aStepDown()))).toEqual([]);
  });

  it('waits for the front door as well where the message is one of safety', async () => {
    const message = aRiskAlert({ from: 'nelft' });
    const bundle = spoilt(message);
    expect(remarksIn(await post(bundle, exchangeHeaders(message)))).toEqual([where(bundle)]);
    const { messageId } = await hub.as('nelft').get<{ messageId: string }>(pathOf(message));
    expect(await alertsOf(messageId)).toEqual(['data-quality']);
    const { rows } = await hub.db.query('select findings from message where message_id = $1', [messageId]);
    expect(rows).toEqual([
      { findings: [{ keyword: 'not-carried', schemaPath: '#/fhir', severity: 'quality' }] },
    ]);
  });

  it('refuses the message where it would turn the meaning of the rest', async () => {
    const message = aStepDown();
    const bundle = toBundle(message);
    Object.assign(patientOf(bundle) ?? {}, { active: false });
    const answer = await post(bundle, exchangeHeaders(message));
    expect(firstIssue(answer)).toEqual([422, 'REC_UNPROCESSABLE_ENTITY', 'not-supported']);
    expect((await postMessage(message)).status).toBe(200);
  });
});

async function alertsOf(messageId: string): Promise<string[]> {
  const { rows } = await hub.db.query<{ kind: string }>(
    `select kind from alert where message_id = $1 and kind in ('data-quality', 'safety.findings')`,
    [messageId],
  );
  return rows.map(({ kind }) => kind);
}

describe('bundles of the Booking and Referral Standard itself', () => {
  const folder = join(FIXTURES, 'bars/examples');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  if (files.length === 0) process.stderr.write(`BaRS EXAMPLES SKIPPED: they are not at ${folder}.\n`);

  (files.length > 0 ? it : it.skip)(
    'are of no use case of ours: refused, never a failure, nothing kept',
    async () => {
      // What the tests before sent is on its way out yet.
      await eventually(async () => expect((await rowsOfEveryTable(hub.db)).delivery).toBe(0));
      const before = await rowsOfEveryTable(hub.db);
      for (const file of files) {
        const text = readFileSync(join(folder, file), 'utf8');
        const answer = await post(text);
        const isMessage = (JSON.parse(text) as Bundle).resourceType === 'Bundle';
        expect([file, ...firstIssue(answer)]).toEqual([
          file,
          422,
          'REC_UNPROCESSABLE_ENTITY',
          isMessage ? 'not-supported' : 'structure',
        ]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
      }
      const after = await rowsOfEveryTable(hub.db);
      expect(after).toEqual({ ...before, refusal: (before.refusal ?? 0) + files.length });
    },
  );
});

const NHS_NUMBERS = ['9990000018', '9990000026'].map((value) => ({
  system: 'https://fhir.nhs.uk/Id/nhs-number',
  value,
}));
const indexOf = (bundle: Bundle<FhirResource>, type: string): number =>
  bundle.entry?.findIndex(({ resource }) => resource?.resourceType === type) ?? -1;
const patientOf = (bundle: Bundle<FhirResource>) => {
  const patient = bundle.entry?.[indexOf(bundle, 'Patient')]?.resource;
  return patient?.resourceType === 'Patient' ? patient : undefined;
};
const pathOf = ({ source, id }: Envelope): string =>
  `/v1/messages?${new URLSearchParams({ source, id }).toString()}`;
