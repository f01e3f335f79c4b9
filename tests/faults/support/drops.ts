import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startMeshServer } from '../../../apps/simulators/src/mesh-server.js';
import { startSftpPeer } from '../../support/sftp-peers.js';

/** Where copies lie until they are fetched: a folder of files for CHUMS, a mailbox for CAMHS. Nobody fetches here. */
export interface Drops {
  /** Settings of the environment that lead there. */
  env: Record<string, string>;
  /** What `credentials.json` says beside the rest, by partner. */
  credentials: Record<string, object>;
  /** How often each copy lies there whole, by partner and delivery id. */
  lying(): Map<string, Map<string, number>>;
  close(): Promise<void>;
}

const MAILBOXES = { ours: 'HUB001', theirs: 'CAMHS001' };
const SHARED_KEY = 'an invented key of the exchange';
const PASSWORD = 'an invented password';

export async function startDrops(): Promise<Drops> {
  const sftp = await startSftpPeer();
  for (const folder of ['drop', 'outgoing', 'months']) mkdirSync(join(sftp.root, folder));
  const mesh = await startMeshServer({
    sharedKey: SHARED_KEY,
    mailboxes: { [MAILBOXES.ours]: PASSWORD, [MAILBOXES.theirs]: PASSWORD },
  });
  const { user, password, hostKeys } = sftp.access;
  const access = { user, password, hostKey: hostKeys.join(' ') };
  return {
    env: {
      PARTNER_CHUMS_URL: sftp.url('drop'),
      PARTNER_CHUMS_PICKUP_URL: sftp.url('outgoing'),
      PARTNER_KOOTH_PICKUP_URL: sftp.url('months'),
      PARTNER_CAMHS_URL: mesh.url,
      PARTNER_CAMHS_PICKUP_URL: mesh.url,
    },
    credentials: {
      chums: { sftp: access },
      kooth: { sftp: access },
      camhs: {
        mesh: {
          mailbox: MAILBOXES.ours,
          peerMailbox: MAILBOXES.theirs,
          password: PASSWORD,
          sharedKey: SHARED_KEY,
        },
      },
    },
    lying: () => {
      const files = readdirSync(join(sftp.root, 'drop')).flatMap(
        (name) => /^(.+)\.json$/.exec(name)?.[1] ?? [],
      );
      const mail = mesh.messages.flatMap(({ state, headers }) =>
        state === 'uploading' ? [] : [headers['mex-localid'] ?? ''],
      );
      return new Map([
        ['chums', counted(files)],
        ['camhs', counted(mail)],
      ]);
    },
    close: async () => {
      await Promise.all([sftp.close(), mesh.close()]);
    },
  };
}

function counted(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
