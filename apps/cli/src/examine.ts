import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '#contracts';
import { credentialsPath } from './credentials.js';
import { HubClient, itemsOf } from './hub-client.js';
import type { Io } from './io.js';
import { shutGates, type PartnerLine } from './partner-line.js';

/** What one look at one part has found. `off` is a part that is not configured, and need not be. */
export interface Finding {
  part: string;
  state: 'well' | 'fails' | 'warns' | 'off';
  says: string;
  todo?: string;
}

const WITHIN_MS = 3_000;

/** Looks at every part, from this machine's to the hub's own, and says what to do about what is not well. */
export async function examine(io: Io): Promise<Finding[]> {
  const { env } = io;
  const here = [node(), build(), dataFolder(env)];
  const outside = await Promise.all([
    database(env.DATABASE_URL),
    ...kafka(env.KAFKA_BROKERS),
    ...issuers(env.OIDC_ISSUERS),
    Promise.resolve(opsWebhook(env)),
  ]);
  return [...here, ...outside, ...(await hub(io))];
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  const says = `Node ${process.versions.node}`;
  if (major >= 24) return { part: 'node', state: 'well', says };
  return {
    part: 'node',
    state: 'fails',
    says,
    todo: 'The hub needs Node 24; `npm ci` brings it, npm scripts use it.',
  };
}

function build(): Finding {
  const built = existsSync(join(projectRoot(), 'dist/apps/hub/src/main.js'));
  if (built) return { part: 'build', state: 'well', says: projectRoot() };
  return {
    part: 'build',
    state: 'fails',
    says: 'dist/ is missing',
    todo: `Run \`npm ci\` in ${projectRoot()}.`,
  };
}

function dataFolder(env: Io['env']): Finding {
  const path = credentialsPath(env);
  const part = 'HUB_DATA';
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file) {
    const todo = 'Start the demo once (npm start), or set HUB_DATA to the folder of your hub.';
    return { part, state: 'warns', says: `${dirname(path)} has no credentials.json`, todo };
  }
  if ((file.mode & 0o077) === 0) return { part, state: 'well', says: dirname(path) };
  const says = `others on this machine can read ${path}`;
  return { part, state: 'fails', says, todo: `chmod 600 ${path}, and change the secrets in it.` };
}

async function database(url: string | undefined): Promise<Finding> {
  const part = 'DATABASE_URL';
  if (!url) return { part, state: 'off', says: 'not set: the embedded PostgreSQL is used' };
  const todo = 'See that PostgreSQL runs and that host, user and password in DATABASE_URL are right.';
  try {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: WITHIN_MS });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::integer as version`,
    );
    await client.end();
    const major = Math.floor((rows[0]?.version ?? 0) / 10_000);
    if (major >= 15) return { part, state: 'well', says: `PostgreSQL ${major}` };
    return {
      part,
      state: 'fails',
      says: `PostgreSQL ${major}`,
      todo: 'The hub needs PostgreSQL 15 or newer.',
    };
  } catch (error) {
    return { part, state: 'fails', says: `cannot be reached (${codeOf(error)})`, todo };
  }
}

function kafka(brokers: string | undefined): Promise<Finding>[] {
  if (!brokers)
    return [
      Promise.resolve({ part: 'KAFKA_BROKERS', state: 'off', says: 'not set: the local wire is used' }),
    ];
  return brokers.split(',').map(async (broker): Promise<Finding> => {
    const [host = '', port = ''] = broker.trim().split(':');
    const part = `broker ${broker.trim()}`;
    if (await listens(host, Number(port))) return { part, state: 'well', says: 'listens' };
    const todo =
      'See that the broker runs and that its name and port in KAFKA_BROKERS are right; HTTP accepts go on.';
    return { part, state: 'fails', says: 'nobody listens', todo };
  });
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: WITHIN_MS });
    const end = (yes: boolean) => {
      socket.destroy();
      done(yes);
    };
    socket
      .on('connect', () => end(true))
      .on('error', () => end(false))
      .on('timeout', () => end(false));
  });
}

function issuers(given: string | undefined): Promise<Finding>[] {
  if (!given)
    return [
      Promise.resolve({ part: 'OIDC_ISSUERS', state: 'off', says: 'not set: the embedded issuer is used' }),
    ];
  return given.split(',').map(async (text): Promise<Finding> => {
    const issuer = text.trim().replace(/\/$/, '');
    const part = `issuer ${issuer}`;
    const todo =
      'Tokens of this issuer are refused with 503 until its OpenID configuration can be read from here.';
    try {
      const signal = AbortSignal.timeout(WITHIN_MS);
      const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal });
      const { jwks_uri } = (await response.json()) as { jwks_uri?: string };
      if (jwks_uri) return { part, state: 'well', says: `keys at ${jwks_uri}` };
      return { part, state: 'fails', says: `HTTP ${response.status}, no jwks_uri`, todo };
    } catch (error) {
      return { part, state: 'fails', says: `cannot be read (${codeOf(error)})`, todo };
    }
  });
}

function opsWebhook(env: Io['env']): Finding {
  const part = 'OPS_WEBHOOK_URL';
  if (env.OPS_WEBHOOK_URL) return { part, state: 'well', says: 'alerts are posted, signed' };
  const todo =
    'Set OPS_WEBHOOK_URL and OPS_WEBHOOK_SECRET, or keep `hub alerts --watch` on a screen that people see.';
  return { part, state: 'warns', says: 'not set: alerts stand only in the log and on /v1/events', todo };
}

/** The hub itself, what it says of its parts, and whether our credentials are good there. */
async function hub(io: Io): Promise<Finding[]> {
  const client = new HubClient(io);
  const part = `hub ${client.url}`;
  try {
    const response = await client.open('/health/ready');
    const { parts = {} } = (await response.json()) as { parts?: Record<string, string> };
    const lives: Finding = { part, state: 'well', says: 'answers' };
    const ready = Object.entries(parts).map(([name, says]): Finding => {
      if (says === 'ok') return { part: `  ${name}`, state: 'well', says };
      return { part: `  ${name}`, state: 'fails', says, todo: "Look at the hub's log for this part." };
    });
    return [lives, ...ready, ...(await partners(client))];
  } catch (error) {
    return [
      { part, state: 'fails', says: (error as Error).message, todo: 'Start it (npm start), or set HUB_URL.' },
    ];
  }
}

async function partners(client: HubClient): Promise<Finding[]> {
  try {
    const all = itemsOf<PartnerLine>(await client.get('/v1/partners'));
    const login: Finding = { part: '  log in as ops', state: 'well', says: 'a token was given and taken' };
    return [login, ...all.map(gate)];
  } catch (error) {
    const todo = 'Set HUB_DATA to the folder of this hub.';
    return [{ part: '  log in as ops', state: 'fails', says: (error as Error).message, todo }];
  }
}

function gate(partner: PartnerLine): Finding {
  const part = `  partner ${partner.id}`;
  const shut = shutGates(partner).map(({ stream, state }) => `${stream} gate ${state}`);
  if (shut.length === 0) return { part, state: 'well', says: 'gates open' };
  const todo = `hub partners list says why; hub partners resume ${partner.id} opens it when the cause has ended.`;
  return { part, state: 'warns', says: shut.join(', '), todo };
}

/** A code, never the message: it may name a user or quote a URL with a password. */
function codeOf(error: unknown): string {
  const { code, cause, name } = error as { code?: string; cause?: { code?: string }; name?: string };
  return code ?? cause?.code ?? name ?? 'unknown';
}
