import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSftpServer, type SftpServer } from './sftp-server.js';

/** How the hub logs in, and the server's own key. */
export interface FileCredentials {
  user: string;
  password?: string;
  serverKey?: string;
}

export interface OutgoingOptions {
  credentials: FileCredentials;
  port: number;
  /** A server that is down cuts whoever comes. */
  knobs: { readonly down: boolean };
}

/** A partner's SFTP server; the hub fetches what lies in its folder `outgoing`. */
export interface Outgoing {
  server: SftpServer;
  /** The folder that clients see as `/`. */
  root: string;
  /** Puts a file there: under a name that nobody reads, then renamed. */
  put(name: string, text: string): void;
  /** The same, and resolves when the hub has taken it. */
  leave(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 50;

/** @param folders what the partner has beside `outgoing` */
export async function openOutgoing(
  { credentials, port, knobs }: OutgoingOptions,
  folders: readonly string[] = [],
): Promise<Outgoing> {
  const root = mkdtempSync(join(tmpdir(), 'simulator-files-'));
  for (const folder of ['outgoing', ...folders]) mkdirSync(join(root, folder));
  const { user, password = '', serverKey } = credentials;
  const server = await startSftpServer({
    root,
    user,
    password,
    port,
    ...(serverKey && { hostKey: serverKey }),
  });
  server.whim(() => (knobs.down ? 'cut' : undefined));
  let closed = false;
  const put = (name: string, text: string): void => {
    const place = join(root, 'outgoing', name);
    writeFileSync(`${place}.part`, text);
    renameSync(`${place}.part`, place);
  };
  return {
    server,
    root,
    put,
    leave: async (name, text) => {
      put(name, text);
      while (existsSync(join(root, 'outgoing', name))) {
        if (closed) throw new Error('The simulator ends.');
        await sleep(LOOK_EVERY_MS);
      }
      if (existsSync(join(root, 'outgoing', 'refused', name))) throw new Error('The hub refused it.');
    },
    close: async () => {
      closed = true;
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
