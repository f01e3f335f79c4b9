import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ECHOED, isUuid } from '#fhir';
import { mountIssuer } from './auth/issuer.js';
import { nestLogger } from './log.js';
import type { Platform } from './platform.js';
import { ProblemException } from './problem.js';
import { ProblemFilter } from './problem.filter.js';

/** Longest body in bytes: a message, a FHIR bundle, and a file of rows. */
export const MESSAGE_LIMIT = 256 * 1024;
export const FHIR_LIMIT = 1024 * 1024;
export const ROWS_LIMIT = 10 * 1024 * 1024;

/** `/docs` is read by browsers: its pages bring their own scripts and style themselves in line. */
const PAGES_MAY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const CLOUD_EVENT = 'application/cloudevents+json';
const JSON_TYPE = 'application/json';
const FHIR_JSON = 'application/fhir+json';
const ROWS = ['text/csv', 'application/x-ndjson'];

/**
 * The Nest application on Fastify, not yet listening. Handlers get the body as the text that was sent, for what is
 * hashed and judged is that text; `jsonBody` reads it where a plain object is wanted.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  platform: Platform,
): Promise<NestFastifyApplication> {
  const problems = new ProblemFilter(platform.logger);
  const adapter = new FastifyAdapter({
    bodyLimit: MESSAGE_LIMIT,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // A client that dribbles its request must not hold a connection for long.
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
  });
  const fastify = adapter.getInstance();
  takeBodiesAsText(fastify);
  const headers = safeHeaders(platform.settings.publicUrl);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    if (request.url.startsWith('/fhir')) echo(request, reply);
    if (request.url.startsWith('/docs')) reply.header('content-security-policy', PAGES_MAY);
    done(mediaFault(request));
  });
  mountIssuer(fastify, platform.issuer);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(platform.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(problems);
  return app;
}

/** BaRS: the ids that a sender gave its request are in every answer, whatever became of it. */
function echo(request: FastifyRequest, reply: FastifyReply): void {
  for (const name of ECHOED) {
    const value = request.headers[name.toLowerCase()];
    if (typeof value === 'string' && isUuid(value)) reply.header(name.toLowerCase(), value);
  }
}

/** The JSON object in a body. Throws `contract/not-json` for anything else. */
export function jsonBody(raw: unknown): Record<string, unknown> {
  let value: unknown;
  try {
    value = typeof raw === 'string' ? JSON.parse(raw) : undefined;
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ProblemException('contract/not-json');
}

function takeBodiesAsText(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    [CLOUD_EVENT, JSON_TYPE, FHIR_JSON],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      const bytes = body as Buffer;
      if (isUtf8(bytes)) done(null, bytes.toString('utf8'));
      else done(new ProblemException('contract/not-json', { detail: 'The body is not UTF-8.' }));
    },
  );
  // A file in another encoding deserves a better answer than that it is no JSON.
  fastify.addContentTypeParser(ROWS, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRoute', (route) => {
    if (route.url.startsWith('/fhir')) route.bodyLimit = FHIR_LIMIT;
    if (route.url === '/v1/batches') route.bodyLimit = ROWS_LIMIT;
  });
}

/**
 * Answers are data for programs: nothing in them may be run, framed, guessed at or kept by a cache. Fixed text, for a
 * library that works the same headers out anew cost 25 µs of a request, a fifth of all that HTTP costs here.
 */
function safeHeaders(publicUrl: string): Record<string, string> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

/** Every door takes its own content types; another one is 415 before a byte of the body is read. */
function mediaFault(request: FastifyRequest): ProblemException | undefined {
  const given = request.headers['content-type'];
  const allowed = mediaOf(request.routeOptions.url ?? '');
  if (given === undefined || allowed === undefined) return undefined;
  const [type, ...parameters] = given
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const isUtf8Text = charset === undefined || /^charset="?(utf-8|us-ascii)"?$/.test(charset);
  if (allowed.includes(type ?? '') && isUtf8Text) return undefined;
  return new ProblemException('contract/media-type', {
    detail: `This door takes ${allowed.join(' or ')}, in UTF-8.`,
  });
}

function mediaOf(route: string): string[] | undefined {
  if (route.startsWith('/fhir')) return [FHIR_JSON, JSON_TYPE];
  if (route === '/v1/batches') return ROWS;
  if (route === '/v1/messages') return [CLOUD_EVENT, JSON_TYPE];
  return route.startsWith('/v1/') ? [JSON_TYPE] : undefined;
}
