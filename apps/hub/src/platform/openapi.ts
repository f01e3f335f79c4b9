import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { FAULTS, type Contracts, type JsonSchema } from '#contracts';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/**
 * Serves `/docs` and `/openapi.json`. `schemas` are the shapes that the controllers name by `$ref`
 * (`#/components/schemas/<name>`): the contracts' own, so that no shape is written twice.
 */
export function serveOpenApi(app: NestFastifyApplication, schemas: Schemas = {}): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, schemas), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: '',
    customSiteTitle: 'Alliance Hub',
  });
}

/** The document by itself, for the test that holds it against what was approved. */
export function openApiDocument(app: NestFastifyApplication, schemas: Schemas = {}): OpenAPIObject {
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle('Alliance Hub')
      .setDescription(
        'Carries every message between the partners of a therapeutic alliance: accepted once, delivered to each ' +
          'recipient, or parked with an owner and a clock.',
      )
      .setVersion('1')
      .addOAuth2({
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: {} } },
      })
      .addSecurityRequirements('oauth2')
      .build(),
  );
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM, ...schemas },
  };
  describeMessages(document, Object.keys(schemas));
  return document;
}

/** The door for messages takes any contract: the body is one of their shapes. */
function describeMessages(document: OpenAPIObject, names: readonly string[]): void {
  const send = document.paths['/v1/messages']?.post;
  if (!send || names.length === 0) return;
  const schema = { oneOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })) };
  send.requestBody = { required: true, content: { 'application/cloudevents+json': { schema } } };
  send.parameters = [
    {
      name: 'validate',
      in: 'query',
      required: false,
      description: '`only`: tries the message without a trace.',
      schema: { type: 'string', enum: ['only'] },
    },
  ];
}

/** Each contract as the whole message that it describes, under its own name. */
export function contractSchemas(contracts: Contracts): Schemas {
  return Object.fromEntries(
    contracts.all.map((contract) => [
      contract.name,
      {
        title: contract.title,
        description: contract.description,
        type: 'object',
        required: ['specversion', 'id', 'source', 'type', 'data'],
        properties: {
          specversion: { type: 'string', enum: ['1.0'] },
          id: { type: 'string', description: 'Yours, and never used again for another body.' },
          source: { type: 'string', description: '/partners/<your id>' },
          type: { type: 'string', enum: [contract.name] },
          data: withoutIds(contract.schema),
        },
      },
    ]),
  );
}

/** An OpenAPI document has no place for a schema's own address. */
function withoutIds({ $id: _id, $schema: _schema, ...schema }: JsonSchema): Schemas[string] {
  return schema;
}

const PROBLEM: Schemas[string] = {
  type: 'object',
  description: 'RFC 9457: every refusal has this form (under /fhir an OperationOutcome).',
  required: ['type', 'title', 'status', 'code', 'detail', 'remedy', 'instance'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string', description: 'What the code means.' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(FAULTS) },
    detail: { type: 'string' },
    remedy: { type: 'string', description: 'What to do about it.' },
    instance: { type: 'string', description: 'Names the request; quote it when you report.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the envelope.' },
          keyword: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
    telephone: { type: 'string', description: 'At the doors of intake: a risk must also be telephoned.' },
  },
};
