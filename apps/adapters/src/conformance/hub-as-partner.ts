import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '#contracts';
import { httpDoor, type ClientCredentials } from '../http-door.js';
import type { DoorAnswer } from '../pickup.js';

/** The hub as one partner meets it, with that partner's own credentials. */
export interface HubAsPartner {
  /** `validateOnly` leaves no trace. */
  send(message: unknown, options?: { validateOnly?: boolean }): Promise<DoorAnswer>;
  /** How many answers of these types to a message the hub has; looks until it sees one too many or the time is up. */
  answersTo(messageId: string, types: readonly string[], withinMs: number): Promise<number>;
}

const LOOK_EVERY_MS = 200;

export function hubAsPartner(hubUrl: string, partner: string, credentials: ClientCredentials): HubAsPartner {
  const door = httpDoor(hubUrl, credentials);
  const own = async (): Promise<Listed[]> => {
    const { status, body } = await door.get('/v1/messages?limit=200');
    if (status !== 200) throw new Error(`the hub answered ${status} to /v1/messages`);
    return (JSON.parse(body) as { messages: Listed[] }).messages;
  };
  return {
    send: (message, { validateOnly = false } = {}) =>
      door.post(
        `/v1/messages${validateOnly ? '?validate=only' : ''}`,
        'application/cloudevents+json',
        JSON.stringify(message),
      ),
    answersTo: async (messageId, types, withinMs) => {
      const names = types.map((type) => `mta.${type}.v`);
      const until = Date.now() + withinMs;
      for (;;) {
        const answers = (await own()).filter(
          ({ source, type, causationId }) =>
            source === `/partners/${partner}` &&
            causationId === messageId &&
            names.some((name) => type.startsWith(name)),
        ).length;
        if (answers > 1 || Date.now() >= until) return answers;
        await sleep(LOOK_EVERY_MS);
      }
    },
  };
}

/** A message as `GET /v1/messages` lists it. */
type Listed = Pick<Envelope, 'source' | 'type'> & { causationId: string | null };

/** What the partner shows the hub, from `credentials.json`. @throws Error that names the file and none of its content */
export function readClientCredentials(file: string, partner: string): ClientCredentials {
  let entry: Partial<ClientCredentials> | undefined;
  try {
    entry = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Partial<ClientCredentials>>)[partner];
  } catch {
    throw new Error(
      `${file} cannot be read as JSON: set HUB_DATA to the folder of the hub, or say --side endpoint.`,
    );
  }
  if (entry?.clientId && entry.clientSecret)
    return { clientId: entry.clientId, clientSecret: entry.clientSecret };
  throw new Error(
    `${file} has no clientId and clientSecret of ${partner}: add them, or say --side endpoint.`,
  );
}
