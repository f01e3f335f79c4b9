import Fastify from 'fastify';
import pg from 'pg';

/**
 * The floor: what any service with Node and PostgreSQL must at least do for a durable 202. Bare Fastify, a pool of ten,
 * one insert and commit for each request.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
await pool.query('create table if not exists floor (id text primary key, body jsonb not null)');

const app = Fastify();
app.addContentTypeParser(
  'application/cloudevents+json',
  { parseAs: 'string' },
  app.getDefaultJsonParser('error', 'error'),
);
app.post('/v1/messages', async (request, reply) => {
  const body = request.body as { id: string };
  await pool.query({
    name: 'insert',
    text: 'insert into floor (id, body) values ($1, $2)',
    values: [body.id, JSON.stringify(body)],
  });
  return reply.code(202).send({ messageId: body.id });
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url, ms: 0 });
process.once('SIGTERM', () => process.exit(0));
