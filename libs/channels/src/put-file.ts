import { randomUUID } from 'node:crypto';
import type { Outcome } from '#contracts';
import type { SftpFolder } from './sftp.js';
import { SftpLost, SftpRefused, SftpStatus, SftpUnreached } from './sftp.js';

/** Nobody waits for the remains of a failed attempt. */
const TIDY_WITHIN_MS = 5_000;

/**
 * Puts one file where a partner fetches it, whole or not at all: written under a name that nobody reads, then renamed.
 * Until the rename is asked for nothing has arrived; a rename without an answer may have taken effect. A file of that
 * name that is there already is this copy from an earlier attempt, for its name is the copy's own.
 */
export async function putFileOnce(
  folder: SftpFolder,
  name: string,
  body: Buffer,
  signal: AbortSignal,
): Promise<Outcome> {
  const begun = performance.now();
  const part = `${name}.${randomUUID().slice(0, 8)}.part`;
  let renaming = false;
  const handedOver = (note?: string): Outcome => ({
    class: 'handed-over',
    arrived: 'yes',
    code: 'handed-over',
    evidence: { reference: name, tookMs: Math.round(performance.now() - begun), ...(note && { note }) },
  });
  try {
    await folder.write(part, body, signal);
    signal.throwIfAborted();
    renaming = true;
    await folder.move(part, name, signal);
    return handedOver();
  } catch (error) {
    const there = renaming && error instanceof SftpStatus && (await isThere(folder, name, body, signal));
    if (!signal.aborted && !(error instanceof SftpUnreached))
      await folder.remove(part, AbortSignal.timeout(TIDY_WITHIN_MS)).catch(() => undefined);
    if (there) return handedOver('it lay there already');
    return judgeSftp(error, renaming, signal.aborted);
  }
}

async function isThere(
  folder: SftpFolder,
  name: string,
  body: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await folder.stat(name, signal).catch(() => undefined);
  return found?.size === body.length;
}

/** The table of design section 6 for files. Throws `error` itself when it is neither the server's nor the network's. */
export function judgeSftp(error: unknown, renaming: boolean, timeUp: boolean): Outcome {
  if (error instanceof SftpRefused)
    return { class: 'refused-auth', arrived: 'no', code: 'unauthorised', evidence: { note: error.message } };
  if (error instanceof SftpUnreached)
    return {
      class: 'refused-transient',
      arrived: 'no',
      code: 'connection-refused',
      evidence: { note: error.message },
    };
  if (error instanceof SftpStatus) {
    const note = `sftp status ${error.status}`;
    // What may not be written today may not be tomorrow: a person must ask the partner for the right.
    if (error.status === 3)
      return { class: 'refused-auth', arrived: 'no', code: 'unauthorised', evidence: { note } };
    return { class: 'refused-transient', arrived: 'no', code: 'unavailable', evidence: { note } };
  }
  if (error instanceof SftpLost || timeUp)
    return {
      class: 'refused-transient',
      arrived: renaming ? 'maybe' : 'no',
      code: timeUp ? 'timeout' : 'reset',
    };
  throw error;
}
