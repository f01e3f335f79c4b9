import { setTimeout as sleep } from 'node:timers/promises';
import type { Partner } from '#contracts';
import { openMailbox } from '#channels/mesh.js';
import { SftpFolder, type SftpAccess } from '#channels/sftp.js';
import { saidBy, sortOf } from './camhs/map.js';
import type { MeshCredentials, PartnerCredentials } from './credentials.js';

/** What a partner says of a copy of ours. */
export type Said = ReturnType<typeof saidBy>;

/** What a partner leaves for us about our copies, over a channel that answers later and elsewhere. */
export interface Acknowledgements {
  /** What it says of this copy; undefined when nothing has come in so many milliseconds. */
  of(deliveryId: string, withinMs: number): Promise<Said | undefined>;
  close(): Promise<void>;
}

const FILES_EVERY_MS = 50;
const CALL_MS = 10_000;
const soon = (): AbortSignal => AbortSignal.timeout(CALL_MS);

/**
 * Looks where the partner's acknowledgements come. None for a channel that answers at once, nor for a mailbox while a hub
 * empties it: whoever looked there as well would see some and miss others.
 */
export function acknowledgementsOf(
  { channel, pickup }: Partner,
  { sftp, mesh }: Pick<PartnerCredentials, 'sftp' | 'mesh'>,
  hubFetches: boolean,
): Acknowledgements | undefined {
  if (channel === 'sftp' && pickup && sftp) return receiptFiles(pickup.url, sftp);
  if (channel === 'mesh' && pickup && mesh && !hubFetches) return mailbox(pickup, mesh);
  return undefined;
}

/** A hub that fetches moves a receipt file on, and refuses one about a delivery that it never had, such as ours. */
const PLACES = ['', 'taken/', 'refused/'];

function receiptFiles(url: string, access: SftpAccess): Acknowledgements {
  const folder = new SftpFolder(url, access);
  const look = async (deliveryId: string): Promise<Said | undefined> => {
    for (const place of PLACES)
      if (await folder.stat(`${place}${deliveryId}.receipt`, soon())) return 'taken';
    return undefined;
  };
  return {
    of: (deliveryId, withinMs) => until(withinMs, FILES_EVERY_MS, () => look(deliveryId)),
    close: () => folder.close(),
  };
}

function mailbox(
  { url, everyMs }: NonNullable<Partner['pickup']>,
  { peer, ...access }: MeshCredentials,
): Acknowledgements {
  const own = openMailbox({ url, ...access });
  const said = new Map<string, Said | undefined>();
  /** Takes out what answers the suite's own copies; all else is the hub's, and stays. */
  const empty = async (): Promise<void> => {
    for (const id of (await own.list(soon())).ids) {
      const arrival = await own.read(id, soon());
      if (!arrival || typeof arrival.body === 'string') continue;
      if (sortOf(arrival, peer) !== 'ack' || !said.has(arrival.localId)) continue;
      said.set(arrival.localId, saidBy(arrival.body));
      await own.acknowledge(id, soon());
    }
  };
  // One look at a time: the second would read what the first is taking out.
  let looking = Promise.resolve();
  return {
    of: (deliveryId, withinMs) => {
      if (!said.has(deliveryId)) said.set(deliveryId, undefined);
      return until(withinMs, everyMs, async () => {
        if (said.get(deliveryId) === undefined) await (looking = looking.then(empty, empty));
        return said.get(deliveryId);
      });
    },
    close: () => own.close(),
  };
}

async function until<T>(
  withinMs: number,
  everyMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const end = Date.now() + withinMs; ;) {
    const found = await look();
    const left = end - Date.now();
    if (found !== undefined || left <= 0) return found;
    await sleep(Math.min(everyMs, left));
  }
}
