import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import supertest from 'supertest';
import { readSettings } from '../settings.js';
import { CurrentCaller, Open, StaffOnly, type Caller } from './auth/caller.js';
import type { Credentials } from './auth/credentials.js';
import { createHttpApp, jsonBody } from './http.js';
import { createLogger } from './log.js';
import { serveOpenApi } from './openapi.js';
import { createPlatform, type Platform } from './platform.js';
import { PlatformModule } from './platform.module.js';
import { ProblemException, TELEPHONE } from './problem.js';

/** Planted wherever a careless line could pick it up. */
const SECRET_OF_A_CHILD = 'Zebedee-Quux';

@Controller('v1')
class Door {
  @Post('messages')
  @HttpCode(202)
  take(@Body() body: string, @CurrentCaller() caller: Caller): unknown {
    return { typeOfBody: typeof body, length: body.length, caller };
  }
  @Get('who')
  who(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }
  @StaffOnly('ops')
  @Get('staff')
  staff(): string {
    return 'for staff';
  }
  @Post('object')
  object(@Body() body: string): unknown {
    return jsonBody(body);
  }
  @Get('invalid')
  invalid(): never {
    const violation = {
      pointer: '/data/person/nhsNumber',
      keyword: 'nhs-number',
      message: 'has a wrong check digit',
    };
    throw new ProblemException('contract/invalid', { violations: [{ ...violation, schemaPath: '#/x' }] });
  }
  @Get('broken')
  broken(): never {
    throw new TypeError(`cannot read ${SECRET_OF_A_CHILD}`, { cause: postgresError('22P02') });
  }
  @Get('ledger-down')
  down(): never {
    throw postgresError('57P01');
  }
}

@Controller('fhir')
class FhirDoor {
  @Post('$process-message')
  process(@Body() body: string): unknown {
    return { length: body.length };
  }
  @Open()
  @Get('metadata')
  metadata(): unknown {
    return { resourceType: 'CapabilityStatement' };
  }
}

@Module({ controllers: [Door, FhirDoor] })
class TestModule {}

function postgresError(code: string): Error {
  const error = new pg.DatabaseError(`invalid input syntax: "${SECRET_OF_A_CHILD}"`, 0, 'error');
  return Object.assign(error, { code, severity: 'ERROR', detail: SECRET_OF_A_CHILD });
}

let app: NestFastifyApplication;
let platform: Platform;
let home: string;
let url: string;
const lines: string[] = [];
const credentials = (): Credentials =>
  JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')) as Credentials;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'hub-http-'));
  const settings = readSettings({ HUB_DATA: home, HUB_DEMO: '1', HUB_PORT: '0' });
  const alliance = { partners: [{ id: 'salus' }], policy: { rate: { perSecond: 50, burst: 200 } } };
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
  platform = await createPlatform(settings, alliance, logger);
  app = await createHttpApp({ module: TestModule, imports: [PlatformModule.register(platform)] }, platform);
  serveOpenApi(app);
  await app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app.close();
  rmSync(home, { recursive: true, force: true });
});

const http = () => supertest(url);

async function token(party = 'salus', secret = credentials()[party]?.clientSecret ?? ''): Promise<string> {
  const answer = await http()
    .post('/oauth2/token')
    .auth(party, secret)
    .type('form')
    .send({ grant_type: 'client_credentials' });
  return (
    (answer.body as { access_token?: string }).access_token ?? `refused: ${answer.status} ${answer.text}`
  );
}
const as = async (party: string) => ({ authorization: `Bearer ${await token(party)}` });

describe('logging in', () => {
  it('gives a partner a token by client credentials, and knows the partner by it', async () => {
    const answer = await http()
      .get('/v1/who')
      .set(await as('salus'));
    expect(answer.body).toEqual({ kind: 'partner', partner: 'salus' });
  });

  it('takes the secret in the form as well', async () => {
    const answer = await http().post('/oauth2/token').type('form').send({
      grant_type: 'client_credentials',
      client_id: 'salus',
      client_secret: credentials().salus?.clientSecret,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
  });

  it('refuses a wrong secret, an unknown client and a foreign audience', async () => {
    expect(await token('salus', 'wrong')).toContain('refused: 401');
    expect(await token('nobody', 'wrong')).toContain('refused: 401');
    const answer = await http()
      .post('/oauth2/token')
      .auth('salus', credentials().salus?.clientSecret ?? '')
      .type('form')
      .send({ grant_type: 'client_credentials', resource: 'https://other.example' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'invalid_target' });
  });

  it('takes two secrets at once while one is rotated, without a restart', async () => {
    const before = credentials();
    const old = before.salus?.clientSecret ?? '';
    writeFileSync(
      join(home, 'credentials.json'),
      JSON.stringify({ ...before, salus: { ...before.salus, nextClientSecret: 'the-next-secret-of-salus' } }),
    );
    expect(await token('salus', old)).toMatch(/^ey/);
    expect(await token('salus', 'the-next-secret-of-salus')).toMatch(/^ey/);
    writeFileSync(join(home, 'credentials.json'), JSON.stringify(before));
    expect(await token('salus', 'the-next-secret-of-salus')).toContain('refused: 401');
  });

  it('shows public keys only', async () => {
    const { body } = await http().get('/oauth2/jwks');
    const [key] = (body as { keys: Record<string, unknown>[] }).keys;
    expect(key).toMatchObject({ kty: 'EC', use: 'sig' });
    expect(key).not.toHaveProperty('d');
  });

  it('keeps credentials and keys from other users of the machine', () => {
    for (const file of ['credentials.json', 'token-keys.json', 'hub-keys.json']) {
      expect(statSync(join(home, file)).mode & 0o077).toBe(0);
    }
  });
});

describe('the guard', () => {
  it.each([
    ['no token', undefined, 'identity/no-token'],
    ['another scheme', 'Basic c2FsdXM6eA==', 'identity/bad-token'],
    ['no JWT', 'Bearer abc', 'identity/bad-token'],
    ['an unsigned JWT', 'Bearer eyJhbGciOiJub25lIn0.eyJwYXJ0bmVyIjoic2FsdXMifQ.x', 'identity/bad-token'],
  ])('answers 401 to %s', async (_, authorization, code) => {
    const answer = await http()
      .get('/v1/who')
      .set(authorization ? { authorization } : {});
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).toMatchObject({ code, status: 401 });
  });

  it('refuses a token with one letter changed', async () => {
    const good = await token();
    const at = good.lastIndexOf('.') + 5;
    const bad = good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);
    const answer = await http()
      .get('/v1/who')
      .set({ authorization: `Bearer ${bad}` });
    expect(answer.status).toBe(401);
  });

  it('is not passed by writing the path in another way', async () => {
    expect((await http().get('/%761/who')).status).toBe(401);
    expect((await http().get('/v1/who?x=/fhir/metadata')).status).toBe(401);
  });

  it('lets only staff into what is for staff', async () => {
    const refused = await http()
      .get('/v1/staff')
      .set(await as('salus'));
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'identity/not-allowed' });
    expect(
      (
        await http()
          .get('/v1/staff')
          .set(await as('ops'))
      ).text,
    ).toBe('for staff');
  });

  it('leaves open what is marked open', async () => {
    for (const path of [
      '/fhir/metadata',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
      '/docs',
    ]) {
      expect([path, (await http().get(path)).status]).toEqual([path, 200]);
    }
  });
});

describe('bodies', () => {
  it('reach the handler as the text that was sent', async () => {
    const answer = await http()
      .post('/v1/messages')
      .set(await as('salus'))
      .type('application/cloudevents+json; charset=utf-8')
      .send('{ "a" : 1 }');
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ typeOfBody: 'string', length: 11 });
  });

  it.each([
    ['too large', 'application/json', 'x'.repeat(256 * 1024 + 1), 413, 'contract/too-large'],
    ['another content type', 'text/plain', 'hello', 415, 'contract/media-type'],
    ['another character set', 'application/json; charset=iso-8859-1', '{}', 415, 'contract/media-type'],
    ['FHIR at the JSON door', 'application/fhir+json', '{}', 415, 'contract/media-type'],
    [
      'bytes that are not UTF-8',
      'application/json',
      Buffer.from([0x22, 0xff, 0x22]),
      400,
      'contract/not-json',
    ],
  ])('are refused when %s, with the sentence to telephone', async (_, type, body, status, code) => {
    const answer = await post('/v1/messages', type, body, await as('salus'));
    expect(answer).toMatchObject({ status, body: { status, code, telephone: TELEPHONE } });
    expect(answer.type).toContain('application/problem+json');
  });

  it('may be larger under /fhir, and are refused there with an OperationOutcome', async () => {
    const token = await as('salus');
    const path = '/fhir/$process-message';
    const large = await post(path, 'application/fhir+json', 'x'.repeat(1024 * 1024), token);
    expect(large.body).toEqual({ length: 1024 * 1024 });
    const tooLarge = await post(path, 'application/fhir+json', 'x'.repeat(1024 * 1024 + 1), token);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.type).toContain('application/fhir+json');
    expect(tooLarge.body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        { severity: 'error', code: 'too-long' },
        { severity: 'warning', diagnostics: TELEPHONE },
      ],
    });
  });

  it('are objects where an object is wanted', async () => {
    const token = await as('salus');
    expect((await post('/v1/object', 'application/json', '{"a":1}', token)).body).toEqual({ a: 1 });
    for (const wrong of ['[1]', '"a"', '{', 'null']) {
      expect((await post('/v1/object', 'application/json', wrong, token)).status).toBe(400);
    }
  });
});

describe('an answer', () => {
  it('may not be kept, run or framed, and pages of /docs only run what they bring', async () => {
    const answer = await http()
      .get('/v1/who')
      .set(await as('salus'));
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    const page = await http().get('/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('a problem', () => {
  it('names what is wrong by JSON Pointers and how to mend it', async () => {
    const answer = await http()
      .get('/v1/invalid')
      .set(await as('salus'));
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      type: '/docs/faults#contract-invalid',
      title: 'The data does not satisfy its contract.',
      status: 422,
      code: 'contract/invalid',
      detail: 'The data does not satisfy its contract.',
      remedy: 'Mend what the pointers name.',
      instance: `urn:uuid:${answer.headers['x-request-id']}`,
      errors: [
        { pointer: '/data/person/nhsNumber', keyword: 'nhs-number', detail: 'has a wrong check digit' },
      ],
    });
  });

  it.each(['/nothing', '/v1/nothing', '/v1/%zz'])('answers %s in the same form', async (path) => {
    const answer = await http()
      .get(path)
      .set(await as('salus'));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toMatchObject({
      status: answer.status,
      code: expect.stringContaining('infrastructure/'),
    });
  });

  it('is 503 with Retry-After while the ledger is down', async () => {
    const answer = await http()
      .get('/v1/ledger-down')
      .set(await as('salus'));
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.body).toMatchObject({ code: 'infrastructure/unavailable' });
  });

  it('says nothing of a fault of ours, and the log names it without a value of the database', async () => {
    const answer = await http()
      .get('/v1/broken')
      .set(await as('salus'));
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain(SECRET_OF_A_CHILD);
    const line = lines
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find((entry) => entry.status === 500);
    expect(line).toMatchObject({
      level: 'error',
      route: '/v1/broken',
      err: { name: 'TypeError', at: expect.any(Array), cause: { code: '22P02' } },
    });
    expect(JSON.stringify((line?.err as { cause: unknown }).cause)).not.toContain(SECRET_OF_A_CHILD);
  });
});

describe('what the operator sees', () => {
  it('is not ready while one part is not', async () => {
    let up = false;
    platform.readiness.add('wire', () => {
      if (!up) throw new Error('no broker');
    });
    const down = await http().get('/health/ready');
    expect([down.status, down.body]).toEqual([503, { ready: false, parts: { wire: 'not ready' } }]);
    up = true;
    expect((await http().get('/health/ready')).body).toEqual({ ready: true, parts: { wire: 'ok' } });
  });

  it('has figures, also while the ledger does not answer', async () => {
    platform.metrics.accepts.inc({ partner: 'salus', type: 'outcome.measure', band: 'normal' });
    platform.metrics.onScrape(() => Promise.reject(new Error('no ledger')));
    const { text } = await http().get('/metrics');
    expect(text).toContain('hub_accepts_total{partner="salus",type="outcome.measure",band="normal"} 1');
    expect(text).toContain('hub_unauthenticated_total{code="identity/no-token"}');
    expect(text).toContain('hub_ledger_up 0');
  });

  it('can be read up: the type of every problem is a place on a page', async () => {
    const problem = (await http().get('/v1/nothing')).body as { type: string };
    const [path = '', anchor = ''] = problem.type.split('#');
    const page = await http().get(path);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain(`id="${anchor}"`);
  });

  it('describes the interface and its problems', async () => {
    const { body } = await http().get('/openapi.json');
    expect(body).toMatchObject({
      paths: { '/v1/messages': { post: {} } },
      components: { schemas: { Problem: {} }, securitySchemes: { oauth2: {} } },
    });
  });
});

/** Sends a body byte by byte as given: supertest would encode it. */
async function post(path: string, type: string, body: string | Buffer, headers: Record<string, string>) {
  return new Promise<{ status: number; type: string; body: unknown }>((done, failed) => {
    const request = rawRequest(`${url}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
    });
    request.on('error', failed).on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const parsed: unknown = JSON.parse(text);
        done({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: parsed,
        });
      });
    });
    request.end(body);
  });
}
