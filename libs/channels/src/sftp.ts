import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import SftpClient from 'ssh2-sftp-client';

/** What we show a partner's SFTP server, and how we know that it is the partner's. */
export interface SftpAccess {
  user: string;
  password?: string;
  /** An OpenSSH or PEM private key. */
  privateKey?: string;
  /** Fingerprints of its host keys as `ssh-keygen -l` prints them, `SHA256:…`; two while they rotate. */
  hostKeys: readonly string[];
}

export interface RemoteFile {
  name: string;
  size: number;
  /** Milliseconds by the server's clock. */
  modifiedAt: number;
}

/** The server is not the one we know, or it does not let us in. Trying again mends neither. */
export class SftpRefused extends Error {
  override readonly name = 'SftpRefused';
}
/** No connection, and nothing was sent over one. */
export class SftpUnreached extends Error {
  override readonly name = 'SftpUnreached';
}
/** The connection broke under a request, or the time was up: it may or may not have taken effect. */
export class SftpLost extends Error {
  override readonly name = 'SftpLost';
}
/** The server answered that it did not do as asked. `status` is SFTP's: 2 no such file, 3 not permitted, 4 failure. */
export class SftpStatus extends Error {
  override readonly name = 'SftpStatus';
  constructor(readonly status: number) {
    super(`SFTP status ${status}`);
  }
}

const CONNECT_WITHIN_MS = 10_000;
/** A connection that lies still is asked for a sign of life this often; three silences end it. */
const ALIVE_EVERY_MS = 15_000;

interface Session {
  sftp: SftpClient;
  socket: Socket;
  /** Rejects when the connection ends, whatever ends it. */
  lost: Promise<never>;
}

/** One folder on a partner's SFTP server. Paths are relative to it; one connection is kept for all requests. */
export class SftpFolder {
  readonly #host: string;
  readonly #port: number;
  readonly #root: string;
  #session: Promise<Session> | undefined;

  /** @param url `sftp://host:port/folder`; the user stands in `access` */
  constructor(
    url: string,
    private readonly access: SftpAccess,
  ) {
    const { hostname, port, pathname } = new URL(url);
    this.#host = hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(port) || 22;
    this.#root = decodeURIComponent(pathname).replace(/\/+$/, '');
  }

  /** The plain files in it. */
  async list(signal: AbortSignal): Promise<RemoteFile[]> {
    const found = await this.#ask(signal, (sftp) => sftp.list(this.#root || '/'));
    return found
      .filter(({ type }) => type === '-')
      .map(({ name, size, modifyTime }) => ({ name, size, modifiedAt: modifyTime }));
  }

  /** Undefined where there is none of this name. */
  async stat(path: string, signal: AbortSignal): Promise<Omit<RemoteFile, 'name'> | undefined> {
    try {
      const { size, modifyTime } = await this.#ask(signal, (sftp) => sftp.stat(this.#at(path)));
      return { size, modifiedAt: modifyTime };
    } catch (error) {
      if (error instanceof SftpStatus && error.status === 2) return undefined;
      throw error;
    }
  }

  read(path: string, signal: AbortSignal): Promise<Buffer> {
    return this.#ask(signal, async (sftp) => Buffer.from((await sftp.get(this.#at(path))) as Buffer));
  }

  /** Writes a file in place; who must not see half of it writes under another name and moves. */
  async write(path: string, body: Buffer, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (sftp) => sftp.put(body, this.#at(path)));
    // The library takes a write that the server refused, its disk being full, for a success.
    if ((await this.stat(path, signal))?.size !== body.length) throw new SftpStatus(4);
  }

  /** Renames, and never over a file that is there: that is status 4. */
  async move(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (sftp) => sftp.rename(this.#at(from), this.#at(to)));
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (sftp) => sftp.delete(this.#at(path)));
  }

  /** Makes a folder in it; one that is there is well. */
  async makeFolder(path: string, signal: AbortSignal): Promise<void> {
    const isThere = async (): Promise<boolean> => (await this.stat(path, signal)) !== undefined;
    if (await isThere()) return;
    try {
      await this.#ask(signal, (sftp) => sftp.mkdir(this.#at(path)));
    } catch (error) {
      // Somebody else made it a moment before.
      if (!(await isThere())) throw error;
    }
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    session?.socket.destroy();
  }

  #at(path: string): string {
    return `${this.#root}/${path}`;
  }

  async #ask<T>(signal: AbortSignal, request: (sftp: SftpClient) => Promise<T>): Promise<T> {
    const session = await Promise.race([this.#open(), timeUp(signal, SftpUnreached)]);
    try {
      // The library tells only one of several waiting requests that the connection is gone.
      return await Promise.race([request(session.sftp), session.lost, timeUp(signal, SftpLost)]);
    } catch (error) {
      const known = sorted(error);
      // A server that does not answer in time would keep the next request waiting too.
      if (signal.aborted || known instanceof SftpLost) session.socket.destroy();
      throw known;
    }
  }

  async #open(): Promise<Session> {
    const seen = this.#session;
    const known = await seen?.catch(ignore);
    if (known && !known.socket.destroyed) return known;
    // Of several that find it gone, the first connects anew.
    if (this.#session === seen) this.#session = this.#connect();
    return this.#session as Promise<Session>;
  }

  async #connect(): Promise<Session> {
    const { user, password, privateKey, hostKeys } = this.access;
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const sftp = new SftpClient('hub', { error: ignore, end: ignore, close: ignore });
    let refused: string | undefined;
    sftp.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'client-authentication') refused ??= 'it does not let us in';
    });
    const lost = new Promise<never>((_, reject) =>
      socket.once('close', () => reject(new SftpLost('the connection is closed'))),
    );
    lost.catch(ignore);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_WITHIN_MS) });
      const login = sftp.connect({
        sock: socket,
        username: user,
        ...(password !== undefined && { password }),
        ...(privateKey !== undefined && { privateKey }),
        hostVerifier: (key: Buffer) => {
          if (hostKeys.includes(fingerprint(key))) return true;
          refused = 'its host key is none that we know';
          return false;
        },
        readyTimeout: CONNECT_WITHIN_MS,
        keepaliveInterval: ALIVE_EVERY_MS,
      });
      await Promise.race([login, lost]);
    } catch (error) {
      socket.destroy();
      if (refused !== undefined) throw new SftpRefused(refused);
      const { code } = error as NodeJS.ErrnoException;
      throw new SftpUnreached(typeof code === 'string' ? code : 'no session');
    }
    return { sftp, socket, lost };
  }
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(hostKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(hostKey).digest('base64').replace(/=+$/, '')}`;
}

/** The library's errors quote paths; ours say what the server said, and no more. */
function sorted(error: unknown): unknown {
  if (error instanceof SftpLost) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'number') return new SftpStatus(code);
  if (code === 'ENOENT') return new SftpStatus(2);
  if (code === 'ERR_NOT_CONNECTED') return new SftpUnreached('no session');
  if (code === 'ERR_GENERIC_CLIENT' || code === 'ECONNRESET' || code === 'EPIPE')
    return new SftpLost('the connection broke');
  return error;
}

function timeUp(signal: AbortSignal, as: new (message: string) => Error): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new as('the time is up'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

const ignore = (): void => undefined;
