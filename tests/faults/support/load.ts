import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '#contracts';
import type { AllianceForFaults } from './alliance-for-faults.js';
import type { Moments } from './random.js';

const SAMPLES = resolve(import.meta.dirname, '../../../samples');
const sample = (name: string): Envelope =>
  JSON.parse(readFileSync(resolve(SAMPLES, `${name}.json`), 'utf8')) as Envelope;
const STEP_UP = sample('step-up.ylf-to-salus');
const MEASURE = sample('outcome-measure.salus-to-nkm');
const RISK = sample('risk-alert.ylf-to-nkm');
const SPECIALIST = sample('step-up.nkm-to-nelft');
const REQUEST = sample('intervention-requested.nkm-to-bfb-labs');
/** Services that requests go to, each at another partner. */
const SERVICES = [
  'mentoring-intensive',
  'mentoring-peer',
  'digital-therapy',
  'behaviour-support',
  'bereavement',
];
/** Specialists, one over FHIR and one over MESH. */
const SPECIALISTS = ['specialist-community', 'specialist-camhs'];

/** A Receipt that we were given, byte for byte. */
export interface Kept {
  party: string;
  id: string;
  type: string;
  receipt: string;
  messageId: string;
  /** When we had it, by this process's clock, in milliseconds. */
  at: number;
}

/** An answer that was neither a Receipt nor silence. */
export interface Refused {
  status: number;
  retryAfter: string | null;
  at: number;
}

export interface Load {
  readonly kept: readonly Kept[];
  readonly refused: readonly Refused[];
  /** Posts of which it is not known whether they arrived; each was posted again under the same id. */
  ambiguous(): number;
  /** Takes no new message and waits until the last one has its Receipt. */
  stop(): Promise<void>;
}

/**
 * Messages of a mixed day, each with an id of its own: step-ups and requests in lanes, measures without order, urgent
 * alerts. Half of them are step-ups to Salus, so that a kill there often falls between arrival and answer.
 */
export function mixedMessages(
  random: Moments,
  from: 'post' | 'topic',
): () => { party: string; envelope: Envelope } {
  let count = 0;
  return () => {
    count += 1;
    const message = oneOfADay(random);
    const party = message.source.replace('/partners/', '');
    const id = `${from}-${random.seed}-${count}`;
    // Each party has its own name for a child, and each its own cases here.
    const child = `${party}-${random.seed}-${Math.floor(random.next() * 150)}`;
    return { party, envelope: { ...message, id, partnercaseref: child } };
  };
}

function oneOfADay(random: Moments): Envelope {
  const kind = random.next();
  if (kind < 0.4) return STEP_UP;
  if (kind < 0.5)
    return { ...SPECIALIST, data: { ...(SPECIALIST.data as object), to: random.oneOf(SPECIALISTS) } };
  if (kind < 0.7) {
    const to = random.oneOf(SERVICES);
    return { ...REQUEST, data: { ...(REQUEST.data as object), to, serviceCode: to } };
  }
  return kind < 0.9 ? MEASURE : RISK;
}

/**
 * Posts messages at a steady pace to the hubs in turn. A post without a clear answer is repeated with the same id until
 * there is a Receipt, as a careful sender does.
 */
export function startLoad(alliance: AllianceForFaults, random: Moments, perSecond: number): Load {
  const kept: Kept[] = [];
  const refused: Refused[] = [];
  const client = hubClient(alliance);
  const nextMessage = mixedMessages(random, 'post');
  let ambiguous = 0;
  let stopped = false;
  let abandoned = false;

  const send = async (): Promise<void> => {
    const { party, envelope } = nextMessage();
    while (!abandoned) {
      try {
        const answer = await client.post('/v1/messages', party, envelope);
        const receipt = await answer.text();
        if (answer.status === 202) {
          const { messageId } = JSON.parse(receipt) as { messageId: string };
          kept.push({ party, id: envelope.id, type: envelope.type, receipt, messageId, at: Date.now() });
          return;
        }
        refused.push({
          status: answer.status,
          retryAfter: answer.headers.get('retry-after'),
          at: Date.now(),
        });
      } catch {
        ambiguous += 1;
      }
      await sleep(100);
    }
  };
  const worker = async (): Promise<void> => {
    while (!stopped) {
      await send();
      await sleep((WORKERS / perSecond) * 1_000);
    }
  };
  const working = Promise.all(Array.from({ length: WORKERS }, worker));
  const stop = async (): Promise<void> => {
    stopped = true;
    await working;
  };
  open.push(() => {
    abandoned = true;
    return stop();
  });
  return { kept, refused, ambiguous: () => ambiguous, stop };
}

const WORKERS = 6;
const open: (() => Promise<void>)[] = [];

/** Ends every load at once, whatever has no Receipt yet: for a test that failed half-way. */
export async function abandonLoads(): Promise<void> {
  await Promise.all(open.splice(0).map((abandon) => abandon()));
}

/** Talks to whichever hub comes next, with tokens that are asked for once. */
export function hubClient(alliance: AllianceForFaults) {
  const tokens = new Map<string, string>();
  let turn = 0;
  const nextUrl = (): string => alliance.urls[turn++ % alliance.urls.length]!;

  const tokenOf = async (party: string): Promise<string> => {
    const known = tokens.get(party);
    if (known) return known;
    const basic = Buffer.from(`${party}:${alliance.secretOf(party)}`).toString('base64');
    const answer = await fetch(`${nextUrl()}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
      signal: AbortSignal.timeout(5_000),
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (!token) throw new Error(`No token for ${party}: HTTP ${answer.status}.`);
    tokens.set(party, token);
    return token;
  };
  return {
    post: async (path: string, party: string, body: unknown): Promise<Response> =>
      fetch(nextUrl() + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokenOf(party)}`,
          'content-type': 'application/cloudevents+json',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      }),
    get: async (path: string, party = 'ops'): Promise<Response> =>
      fetch(nextUrl() + path, {
        headers: { authorization: `Bearer ${await tokenOf(party)}` },
        signal: AbortSignal.timeout(30_000),
      }),
  };
}
