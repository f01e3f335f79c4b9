import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import ssh2 from 'ssh2';
import type { Attributes, Connection, SFTPWrapper } from 'ssh2';

const { Server, utils } = ssh2;
const { STATUS_CODE, flagsToString } = utils.sftp;

/** What a test or a knob wants of one request: an SFTP status, no answer at all, or a cut connection after it was done. */
export type SftpWhim = { status: number } | 'silence' | 'cut' | 'done-and-cut' | undefined;

export interface SftpServer {
  /** `sftp://127.0.0.1:port` */
  readonly url: string;
  /** `SHA256:…` of its host key. */
  readonly hostKey: string;
  /** Asked before each request that changes or reads something: `OPEN`, `WRITE`, `RENAME`, `READ`, … and its path. */
  whim(decide: (request: string, path: string) => SftpWhim): void;
  close(): Promise<void>;
}

export interface SftpServerOptions {
  /** Clients see this folder as `/`. */
  root: string;
  user: string;
  password: string;
  /** A private key in PEM; one is made where none is given. */
  hostKey?: string;
  port?: number;
}

/** A partner's SFTP server: SSH by ssh2, files by this process's own file system below one folder. */
export async function startSftpServer(options: SftpServerOptions): Promise<SftpServer> {
  const key = options.hostKey ?? utils.generateKeyPairSync('ed25519').private;
  const parsed = utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  const publicKey = (Array.isArray(parsed) ? parsed[0] : parsed)?.getPublicSSH() ?? Buffer.alloc(0);
  let decide: (request: string, path: string) => SftpWhim = () => undefined;
  const clients = new Set<Connection>();
  const server = new Server({ hostKeys: [key] }, (client) => {
    clients.add(client);
    // Every answer is small, and the next request waits for it: held back by Nagle's algorithm each takes 40 ms.
    (client as Connection & Pick<ssh2.Client, 'setNoDelay'>).setNoDelay(true);
    client.on('close', () => clients.delete(client)).on('error', () => undefined);
    client.on('authentication', (context) => {
      const known =
        context.method === 'password' &&
        context.username === options.user &&
        context.password === options.password;
      if (known) context.accept();
      else context.reject(['password']);
    });
    client.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) =>
        serveFiles(
          acceptSftp(),
          options.root,
          (request, path) => decide(request, path),
          () => client.end(),
        ),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `sftp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hostKey: `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`,
    whim: (next) => (decide = next),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of clients) client.end();
      await closed;
    },
  };
}

type Asked = (request: string, path: string) => SftpWhim;

interface Open {
  path: string;
  fd?: number;
  /** Of a folder that is being listed: what was not told yet. */
  names?: string[];
}

/** What the requests of one client share. */
interface Client {
  sftp: SFTPWrapper;
  /** Where a client's path is on our disk; nothing above the root. */
  at(path: string): string;
  open(entry: Open): void;
  opened(handle: Buffer): Open;
  pathOf(handle: Buffer): string;
  closeHandle(handle: Buffer): void;
  /** Does one request as the whim has it; whatever the file system throws becomes a status. */
  serve(id: number, request: string, path: string, act: () => void): void;
}

/** One client's requests. Files are small and few here, so that each is done at once, in the order in which they come. */
function serveFiles(sftp: SFTPWrapper, root: string, asked: Asked, cut: () => void): void {
  const handles = new Map<string, Open>();
  let last = 0;
  const client: Client = {
    sftp,
    at: (path) => join(root, normalize(`/${path}`)),
    open: (entry) => void handles.set(String(++last), entry),
    opened: (handle) => {
      const found = handles.get(handle.toString());
      if (!found) throw new Error('no such handle');
      return found;
    },
    pathOf: (handle) => handles.get(handle.toString())?.path ?? '',
    closeHandle: (handle) => void handles.delete(handle.toString()),
    serve: (id, request, path, act) => {
      const whim = asked(request, path);
      if (whim === 'silence') return;
      if (whim === 'cut') return cut();
      if (typeof whim === 'object') return sftp.status(id, whim.status);
      if (whim === 'done-and-cut') sftp.status = () => undefined;
      try {
        act();
      } catch (error) {
        sftp.status(id, statusOf(error));
      }
      if (whim === 'done-and-cut') cut();
    },
  };
  answerHandles(client, () => Buffer.from(String(last)));
  answerNames(client);
  sftp.on('EXTENDED', (id) => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED));
  sftp.on('close', () => {
    for (const { fd } of handles.values()) if (fd !== undefined) fs.closeSync(fd);
    handles.clear();
  });
}

/** Requests by handle: listing, reading, writing. */
function answerHandles(client: Client, newest: () => Buffer): void {
  const { sftp, at, open, opened, pathOf, closeHandle, serve } = client;
  const opens = (id: number, entry: Open): void => {
    open(entry);
    sftp.handle(id, newest());
  };
  sftp.on('OPENDIR', (id, path) =>
    serve(id, 'OPENDIR', path, () => opens(id, { path, names: fs.readdirSync(at(path)) })),
  );
  sftp.on('READDIR', (id, handle) =>
    serve(id, 'READDIR', '', () => {
      const { names = [], path } = opened(handle);
      const told = names.splice(0);
      if (told.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else
        sftp.name(
          id,
          told.flatMap((name) => listed(at(path), name)),
        );
    }),
  );
  sftp.on('OPEN', (id, path, flags) =>
    serve(id, 'OPEN', path, () =>
      opens(id, { path, fd: fs.openSync(at(path), flagsToString(flags) ?? 'r') }),
    ),
  );
  sftp.on('FSTAT', (id, handle) =>
    serve(id, 'FSTAT', '', () => sftp.attrs(id, attributes(fs.fstatSync(opened(handle).fd ?? -1)))),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    serve(id, 'READ', pathOf(handle), () => {
      const buffer = Buffer.alloc(Math.min(length, 64 * 1024));
      const size = fs.readSync(opened(handle).fd ?? -1, buffer, 0, buffer.length, offset);
      if (size === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, size));
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) =>
    serve(id, 'WRITE', pathOf(handle), () => {
      fs.writeSync(opened(handle).fd ?? -1, data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    serve(id, 'CLOSE', pathOf(handle), () => {
      const { fd } = opened(handle);
      closeHandle(handle);
      if (fd !== undefined) fs.closeSync(fd);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
}

/** Requests by name. */
function answerNames({ sftp, at, serve }: Client): void {
  const done = (id: number): void => sftp.status(id, STATUS_CODE.OK);
  const stat = (id: number, path: string): void =>
    serve(id, 'STAT', path, () => sftp.attrs(id, attributes(fs.statSync(at(path)))));
  sftp.on('STAT', stat).on('LSTAT', stat);
  sftp.on('SETSTAT', done).on('FSETSTAT', done);
  sftp.on('REALPATH', (id, path) => {
    const absolute = normalize(`/${path}`);
    sftp.name(id, [{ filename: absolute, longname: absolute, attrs: {} as Attributes }]);
  });
  sftp.on('REMOVE', (id, path) =>
    serve(id, 'REMOVE', path, () => {
      fs.unlinkSync(at(path));
      done(id);
    }),
  );
  sftp.on('MKDIR', (id, path) =>
    serve(id, 'MKDIR', path, () => {
      fs.mkdirSync(at(path));
      done(id);
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    serve(id, 'RENAME', to, () => {
      // As OpenSSH does it: a rename never replaces what is there.
      if (fs.existsSync(at(to))) throw new Error('there is one');
      fs.renameSync(at(from), at(to));
      done(id);
    }),
  );
}

function listed(folder: string, name: string): { filename: string; longname: string; attrs: Attributes }[] {
  const found = fs.statSync(join(folder, name), { throwIfNoEntry: false });
  if (!found) return [];
  const longname = `${found.isDirectory() ? 'd' : '-'}rw-r--r-- 1 partner partner ${found.size} Jan 1 00:00 ${name}`;
  return [{ filename: name, longname, attrs: attributes(found) }];
}

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: fs.Stats): Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

function statusOf(error: unknown): number {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return STATUS_CODE.NO_SUCH_FILE;
  return code === 'EACCES' || code === 'EPERM' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE;
}
