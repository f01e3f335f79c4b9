import { createHash } from 'node:crypto';
import type { SftpFolder } from '#channels/sftp.js';
import { SftpStatus, type RemoteFile } from '#channels/sftp.js';
import { verdictOf, type Door, type DoorAnswer, type Pickup } from './pickup.js';

export interface SftpPickupOptions {
  partner: string;
  folder: SftpFolder;
  /** Which rows its CSV files hold; absent: a file says so itself, `outcomes.2026-11.csv`. */
  batch?: string;
}

/** More wait for the next look. */
const MOST_FILES = 200;
/** Then the hub itself is away, and not only unable to take one file: the look ends. */
const MOST_NOT_READY = 3;
const MOST_BYTES = 10 * 1024 * 1024;
const REQUEST_WITHIN_MS = 60_000;
/** Bytes; a server takes 255, and the name of what lies beside it is longer. */
const LONGEST_NAME = 200;

/** Where a file goes when the hub has answered. Both lie in the partner's own folder, for it to see. */
const TAKEN = 'taken';
const REFUSED = 'refused';

/**
 * Takes finished files out of a partner's folder, the oldest first: `*.json` is a message, `*.csv` and `*.ndjson` are
 * batches, and `<deliveryid>.receipt` acknowledges what we put into its drop folder. A file is finished when it looks the
 * same at two looks; one that is still called `*.part` or `*.tmp`, or anything else, is not ours yet. It is moved only
 * after the hub's answer and while it still is what was handed in; until then it is handed in again, and the hub knows it.
 */
export function sftpPickup({ partner, folder, batch }: SftpPickupOptions): Pickup {
  let before = new Map<string, RemoteFile>();

  const collect = async (door: Door, signal: AbortSignal): Promise<number> => {
    const inTime = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(REQUEST_WITHIN_MS)]);
    const files = (await folder.list(inTime())).filter(({ name }) => kindOf(name) !== undefined);
    const finished = files.filter((file) => isSame(before.get(file.name), file)).sort(byAge);
    before = new Map(files.map((file) => [file.name, file]));
    let taken = 0;
    const troubles: unknown[] = [];
    for (const file of finished.slice(0, MOST_FILES)) {
      if (signal.aborted) break;
      try {
        taken += (await takeIn(file, { folder, door, batch, inTime })) ? 1 : 0;
      } catch (error) {
        // One that cannot be taken keeps no other waiting; a hub that takes none of several does.
        troubles.push(error);
        if (troubles.filter((one) => one instanceof HubNotReady).length === MOST_NOT_READY) throw error;
      }
    }
    if (taken === 0 && troubles.length > 0) throw troubles[0];
    return taken;
  };
  return { partner, collect, close: () => folder.close() };
}

type Kind = 'message' | 'rows' | 'events' | 'receipt';

const SUFFIXES: Record<string, Kind> = {
  json: 'message',
  csv: 'rows',
  ndjson: 'events',
  receipt: 'receipt',
};

function kindOf(name: string): Kind | undefined {
  if (name.startsWith('.') || /\.(problem\.json|answer\.csv)$/.test(name)) return undefined;
  const suffix = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  return suffix === undefined ? undefined : SUFFIXES[suffix];
}

/** The hub could not take anything just now; everything lies where it lay. */
class HubNotReady extends Error {
  override readonly name = 'HubNotReady';
  constructor(readonly code: string) {
    super(`the hub answered ${code}`);
  }
}

interface TakingIn {
  folder: SftpFolder;
  door: Door;
  batch: string | undefined;
  inTime: () => AbortSignal;
}

/** Hands one file in and moves it. False where it is not what it was: the next look sees what it has become. */
async function takeIn(file: RemoteFile, { folder, door, batch, inTime }: TakingIn): Promise<boolean> {
  const body = file.size > MOST_BYTES ? undefined : await readWhole(folder, file, inTime());
  if (body === undefined && file.size <= MOST_BYTES) return false;
  const answer = body === undefined ? TOO_LARGE : await handIn(door, file.name, body, batch);
  const verdict = verdictOf(answer);
  if (verdict === 'later') throw new HubNotReady(String(answer.status));
  if (!isSame(await folder.stat(file.name, inTime()), file)) return false;
  const to = verdict === 'taken' ? TAKEN : REFUSED;
  await folder.makeFolder(to, inTime());
  const name = keptName(file.name);
  const beside = besideOf(name, answer, verdict);
  if (beside) await replace(folder, `${to}/${beside.name}`, beside.text, inTime());
  return moveAside(folder, file, `${to}/${name}`, inTime());
}

/** The whole file, or undefined where it went or changed while it was read. */
async function readWhole(
  folder: SftpFolder,
  file: RemoteFile,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const body = await folder.read(file.name, signal);
    return body.length === file.size ? body : undefined;
  } catch (error) {
    if (error instanceof SftpStatus && error.status === 2) return undefined;
    throw error;
  }
}

function handIn(door: Door, name: string, body: Buffer, batch: string | undefined): Promise<DoorAnswer> {
  switch (kindOf(name)) {
    case 'receipt':
      return door.post(acknowledgePath(name), 'application/json', '{}');
    case 'rows': {
      const kind = encodeURIComponent(batch ?? name.slice(0, name.indexOf('.')));
      return door.post(`/v1/batches?kind=${kind}`, 'text/csv', body, { accept: 'text/csv' });
    }
    case 'events':
      return door.post('/v1/batches', 'application/x-ndjson', body, { accept: 'application/json' });
    default:
      return door.post('/v1/messages', 'application/cloudevents+json', body);
  }
}

/** A receipt file is named by the delivery that it acknowledges; nothing in it is read. */
function acknowledgePath(name: string): string {
  return `/v1/inbox/${encodeURIComponent(name.replace(/\.receipt$/i, ''))}/acknowledge`;
}

const TOO_LARGE: DoorAnswer = {
  status: 413,
  headers: {},
  body: JSON.stringify({
    status: 413,
    title: 'The file is larger than 10 MiB.',
    remedy: 'Send it in parts.',
  }),
};

/** What the partner finds beside its file: what became of its rows, or what was wrong. The hub's words, no values. */
function besideOf(
  name: string,
  { body }: DoorAnswer,
  verdict: 'taken' | 'refused',
): { name: string; text: string } | undefined {
  if (verdict === 'refused') return { name: `${name}.problem.json`, text: body };
  if (kindOf(name) === 'rows') return { name: `${name}.answer.csv`, text: body };
  return kindOf(name) === 'events' ? { name: `${name}.answer.json`, text: body } : undefined;
}

/** An answer to an earlier file of the same name, or one that was left when we stopped, gives way. */
async function replace(folder: SftpFolder, path: string, text: string, signal: AbortSignal): Promise<void> {
  await folder.write(path, Buffer.from(text), signal);
}

/**
 * False where it has gone meanwhile, or where another file had come under its name just before: that one was handed in by
 * nobody, and goes back. A name that was used before gets the time of now.
 */
async function moveAside(
  folder: SftpFolder,
  file: RemoteFile,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  const used = (await folder.stat(to, signal)) !== undefined;
  const aside = `${to}${used ? `.${Date.now()}` : ''}`;
  if (!(await movedFrom(folder, file.name, aside, signal))) return false;
  const moved = await folder.stat(aside, signal);
  if (moved === undefined || isSame(moved, file)) return true;
  const again = (await folder.stat(file.name, signal)) !== undefined;
  await folder.move(aside, again ? file.name.replace(/(\.[^.]*)$/, `.${Date.now()}$1`) : file.name, signal);
  return false;
}

/** False where it is there no more: another process, or the partner itself, was faster. */
async function movedFrom(
  folder: SftpFolder,
  name: string,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await folder.move(name, to, signal);
    return true;
  } catch (error) {
    // Servers differ in what they complain of first: that it is gone, or that its new name is taken.
    if (error instanceof SftpStatus && (await folder.stat(name, signal)) === undefined) return false;
    throw error;
  }
}

/** A name so long that nothing could be put beside it is cut: it would be handed in at every look for ever. */
function keptName(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${[...name].slice(0, 40).join('')}~${digest}${/\.[a-z]+$/i.exec(name)?.[0] ?? ''}`;
}

function isSame(a: Omit<RemoteFile, 'name'> | undefined, b: Omit<RemoteFile, 'name'>): boolean {
  return a?.size === b.size && a.modifiedAt === b.modifiedAt;
}

function byAge(a: RemoteFile, b: RemoteFile): number {
  return a.modifiedAt - b.modifiedAt || (a.name < b.name ? -1 : 1);
}
