import { openMailbox, type MeshArrival, type MeshMailbox } from '#channels/mesh.js';
import type { MeshCredentials } from '../credentials.js';
import { verdictOf, type Door, type DoorAnswer, type Pickup } from '../pickup.js';
import { contentTypeOf, saidBy, sortOf, toAck, TOO_LARGE } from './map.js';

/** MESH wants to hear from a mailbox once a day. */
const HANDSHAKE_EVERY_MS = 24 * 3_600_000;
/** Something is wrong with more than one message: the look ends, and the next comes later. */
const MOST_FAILURES = 3;
/** How many looks a message may wait for what is missing before a person is told: half an hour at MESH's pace. */
const LOOKS_TO_MEND = 6;

/** Why a message is left where it lies; `unknown` is taken out, for nothing can come of it. */
type Why = 'foreign' | 'unreadable' | 'incomplete' | 'failing' | 'unknown';

/** What one look works with. */
interface Look {
  mailbox: MeshMailbox;
  peer: string;
  door: Door;
  signal: AbortSignal;
}

/**
 * Empties our mailbox: messages of CAMHS' go to the FHIR door and are answered there by an `_ACK`, their `_ACK`s and MESH's
 * reports go to the deliveries that they speak of. Nothing is taken out before the hub has it (R1). What cannot be taken
 * in stays, holds up nothing behind it, and a person is told.
 */
export function camhsPickup(partner: string, url: string, { peer, ...access }: MeshCredentials): Pickup {
  const mailbox = openMailbox({ url, ...access });
  const left = new Map<string, number>();
  let handshakeAt = 0;
  return {
    partner,
    collect: async (door, signal) => {
      if (Date.now() >= handshakeAt) {
        await mailbox.handshake(signal);
        handshakeAt = Date.now() + HANDSHAKE_EVERY_MS;
      }
      return empty({ mailbox, peer, door, signal }, left);
    },
    close: () => mailbox.close(),
  };
}

/** Page by page, as long as MESH says that there is more and some of it can be taken. */
async function empty(look: Look, left: Map<string, number>): Promise<number> {
  let taken = 0;
  for (;;) {
    const { ids, more } = await look.mailbox.list(look.signal);
    if (!more) for (const id of left.keys()) if (!ids.includes(id)) left.delete(id);
    const before = taken;
    taken += await takeAll(look, ids, left);
    if (!more || taken === before) return taken;
  }
}

/** One that fails is tried again at the next look, and holds up no other. */
async function takeAll(look: Look, ids: readonly string[], left: Map<string, number>): Promise<number> {
  const failures: unknown[] = [];
  let taken = 0;
  for (const id of ids) {
    look.signal.throwIfAborted();
    let why: Why | undefined;
    try {
      why = await takeIn(look, id);
    } catch (error) {
      failures.push(error);
      if (failures.length === MOST_FAILURES) throw error;
      why = 'failing';
    }
    if (why === undefined) taken += 1;
    else await leave(look, { id, why }, left);
  }
  if (failures.length > 0) throw failures[0];
  return taken;
}

/** A person is told once, at once or when it has not mended. */
async function leave({ door }: Look, { id, why }: { id: string; why: Why }, left: Map<string, number>) {
  const looks = (left.get(id) ?? 0) + 1;
  left.set(id, looks);
  const patience = why === 'incomplete' || why === 'failing' ? LOOKS_TO_MEND : 1;
  if (looks !== patience) return;
  const told = await post(door, '/v1/pickups/left', { reference: id, why }).catch(() => undefined);
  // Nobody heard it: it is said again at the next look.
  if (!told || verdictOf(told) !== 'taken') left.set(id, looks - 1);
}

/** Takes one message out of the mailbox, or answers why not. */
async function takeIn(look: Look, id: string): Promise<Why | undefined> {
  const { mailbox, peer, signal } = look;
  const arrival = await mailbox.read(id, signal);
  if (!arrival) return undefined;
  const why = await handIn(look, arrival, sortOf(arrival, peer));
  if (why === undefined) await mailbox.acknowledge(id, signal);
  return why;
}

async function handIn(
  look: Look,
  arrival: MeshArrival,
  sort: ReturnType<typeof sortOf>,
): Promise<Why | undefined> {
  switch (sort) {
    case 'data':
      return answered(look, arrival);
    case 'ack':
      return acknowledged(look, arrival);
    case 'report':
      return reported(look, arrival);
    default:
      return sort;
  }
}

/** The hub's answer goes back as an `_ACK`: again, if this look dies before the message is out of the mailbox. */
async function answered({ mailbox, peer, door, signal }: Look, arrival: MeshArrival): Promise<undefined> {
  const ack = await mailbox.send(toAck(peer, arrival, await toFhirDoor(door, arrival)), signal);
  // An answer that their mailbox refuses for good will never get there; what it answers is safe all the same.
  if (ack.class !== 'handed-over' && ack.class !== 'refused-permanent')
    throw Object.assign(new Error('An answer could not be sent.'), { code: ack.code });
}

async function toFhirDoor(door: Door, { body }: MeshArrival): Promise<string> {
  if (typeof body === 'string') return TOO_LARGE;
  const answer = await door.post('/fhir/$process-message', contentTypeOf(body), body);
  if (verdictOf(answer) === 'later') throw later(answer.status);
  return answer.body;
}

/** They say that they have our copy, or cannot take it. */
async function acknowledged({ door }: Look, arrival: MeshArrival): Promise<Why | undefined> {
  const { localId, body } = arrival;
  const said = typeof body === 'string' ? 'unreadable' : saidBy(body);
  if (said === 'unreadable') return said;
  const path = `/v1/inbox/${encodeURIComponent(localId)}`;
  await tellIfUnknown(
    door,
    arrival,
    said === 'taken'
      ? await post(door, `${path}/acknowledge`, {})
      : await postUnlessUnderWay(door, `${path}/refuse`, { complaint: 'refused' }),
  );
  return undefined;
}

/**
 * What ended is no matter. What speaks of a delivery that never was that partner's settles nothing, and a person hears
 * of it before it is taken out.
 */
async function tellIfUnknown(door: Door, { id }: MeshArrival, { status }: DoorAnswer): Promise<void> {
  if (status !== 404) return;
  const why: Why = 'unknown';
  await post(door, '/v1/pickups/left', { reference: id, why });
}

/** MESH could not deliver a copy of ours. Of an answer of ours that is no matter: what it answers is safe. */
async function reported({ door }: Look, arrival: MeshArrival): Promise<Why | undefined> {
  const { workflow, localId, linkedId } = arrival;
  if (workflow.endsWith('_ACK')) return undefined;
  if (localId === '') return 'unreadable';
  const path = `/v1/inbox/${encodeURIComponent(localId)}/refuse`;
  const said = { complaint: 'undelivered', ...(linkedId !== '' && { reference: linkedId }) };
  await tellIfUnknown(door, arrival, await postUnlessUnderWay(door, path, said));
  return undefined;
}

async function post(door: Door, path: string, body: object): Promise<DoorAnswer> {
  const answer = await door.post(path, 'application/json', JSON.stringify(body));
  if (verdictOf(answer) === 'later') throw later(answer.status);
  return answer;
}

/** A conflict is but for a while: another copy is under way, and what is said may yet be true of it. */
async function postUnlessUnderWay(door: Door, path: string, body: object): Promise<DoorAnswer> {
  const answer = await post(door, path, body);
  if (answer.status === 409) throw later(answer.status);
  return answer;
}

const later = (status: number): Error =>
  Object.assign(new Error(`The hub answered ${status}.`), { code: String(status) });
