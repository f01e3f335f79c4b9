import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';
import { fingerprint, type SftpAccess } from '#channels/sftp.js';
import { startSftpServer, type SftpServer } from '../../apps/simulators/src/sftp-server.js';
import { freePort } from './free-port.js';

const { utils } = ssh2;
const SSHD = '/usr/sbin/sshd';

/** A real SFTP server over a folder of this machine. */
export interface SftpPeer {
  /** The folder that it serves, on our disk. */
  root: string;
  /** The address of a folder below the root, as `partners.json` would name it. */
  url(folder: string): string;
  access: SftpAccess;
  /** Only of the server in this process: what it does with a request. */
  whim?: SftpServer['whim'];
  close(): Promise<void>;
}

/** Where OpenSSH's server can be had. `REQUIRE_SSHD=1` makes its absence an error, not a skipped suite. */
export function opensshIsHere(): boolean {
  if (existsSync(SSHD)) return true;
  if (process.env['REQUIRE_SSHD'] === '1')
    throw new Error(`REQUIRE_SSHD=1, and there is no ${SSHD}: install openssh-server.`);
  process.stderr.write('OPENSSH TESTS SKIPPED: there is no sshd here (apt-get install openssh-server).\n');
  return false;
}

/** ssh2's server in this process. */
export async function startSftpPeer(): Promise<SftpPeer> {
  const root = mkdtempSync(join(tmpdir(), 'sftp-peer-'));
  const access = { user: 'hub', password: 'a password of the tests' };
  const server = await startSftpServer({ root, ...access });
  return {
    root,
    url: (folder) => `${server.url}/${folder}`,
    access: { ...access, hostKeys: [server.hostKey] },
    whim: server.whim,
    close: async () => {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** OpenSSH's own, as the user who runs the tests, with a key instead of a password. */
export async function startOpenssh(): Promise<SftpPeer> {
  const home = mkdtempSync(join(tmpdir(), 'sshd-'));
  const root = join(home, 'files');
  mkdirSync(root);
  const host = utils.generateKeyPairSync('ed25519');
  const own = utils.generateKeyPairSync('ed25519');
  const keep = (name: string, text: string): string => {
    writeFileSync(join(home, name), text, { mode: 0o600 });
    return join(home, name);
  };
  const port = await freePort();
  const config = keep(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${keep('host', `${host.private}\n`)}`,
      `AuthorizedKeysFile ${keep('authorized', `${own.public}\n`)}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'Subsystem sftp internal-sftp',
    ].join('\n') + '\n',
  );
  // Where the tests run as root, sshd wants the folder that its service would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const daemon = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: daemon.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('Server listening')) resolve();
    });
    daemon.once('exit', () => reject(new Error(`sshd did not start: ${said.join(' / ')}`)));
  });
  const hostKey = Buffer.from(host.public.split(' ')[1] ?? '', 'base64');
  return {
    root,
    url: (folder) => `sftp://127.0.0.1:${port}${root}/${folder}`,
    access: {
      user: userInfo().username,
      privateKey: own.private,
      hostKeys: [fingerprint(hostKey)],
    },
    close: async () => {
      const ended = once(daemon, 'exit');
      daemon.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
