import { createServer, type IncomingMessage, type Server } from 'node:http';
import { readKnobs } from './knobs.js';
import type { Simulator } from './simulator.js';

const USAGE = [
  'GET  /                     the simulators, their urls and knobs',
  'GET  /<name>/received      what it received: deliveryid, id, type, caseref, count, processed, order',
  'POST /<name>/knobs         changes some knobs, for example {"down": true}',
  'POST /<name>/send          sends an envelope as that partner',
  'POST /<name>/rows/<file>   brings a file of rows as that partner does, for example outcomes.2026-11.csv',
  'POST /<name>/decide        decides now what waits for its time',
];

/**
 * The door through which tests and people turn the knobs. It is no part of any partner's endpoint, so that it still
 * answers while a partner is down.
 */
export function createControl(simulators: readonly Simulator[]): Server {
  return createServer((request, response) => {
    answer(simulators, request)
      .catch((error: unknown) => ({ status: 400, body: { error: (error as Error).message } }))
      .then(({ status, body }) => {
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(`${JSON.stringify(body, null, 2)}\n`);
      })
      .catch(() => response.destroy());
  });
}

interface ControlAnswer {
  status: number;
  body: unknown;
}

async function answer(simulators: readonly Simulator[], request: IncomingMessage): Promise<ControlAnswer> {
  const [name = '', action = '', file = ''] = (request.url ?? '/').slice(1).split('/');
  const simulator = simulators.find((one) => one.name === name);
  switch (`${request.method} ${simulator ? action : `/${name}`}`) {
    case 'GET /':
      return { status: 200, body: simulators.map(({ name, url, knobs }) => ({ name, url, knobs })) };
    case 'GET received':
      return { status: 200, body: simulator?.received() };
    case 'POST knobs':
      await simulator?.set(readKnobs(await jsonOf(request)));
      return { status: 200, body: simulator?.knobs };
    case 'POST decide':
      await simulator?.decideNow();
      return { status: 200, body: {} };
    case 'POST send':
      return sent(simulator, await jsonOf(request));
    case 'POST rows':
      await simulator?.sendRows(decodeURIComponent(file), await textOf(request));
      return { status: 202, body: {} };
    default:
      return { status: 404, body: { error: 'There is nothing here.', usage: USAGE } };
  }
}

async function sent(simulator: Simulator | undefined, envelope: unknown): Promise<ControlAnswer> {
  const id = await simulator?.send(envelope as Parameters<Simulator['send']>[0]);
  return { status: 202, body: { id } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const text = await textOf(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not JSON.');
  }
}
