import type { Partner } from '#contracts';
import { putFileOnce } from '#channels/put-file.js';
import { SftpFolder, type SftpAccess } from '#channels/sftp.js';
import type { Adapter } from '../adapter.js';
import { toFile } from './map.js';

/** CHUMS finds each copy as a file in its drop folder, and acknowledges it by a receipt file, which its pickup reads. */
export function chumsAdapter(partner: Partner & { url: string }, access: SftpAccess): Adapter {
  const folder = new SftpFolder(partner.url, access);
  return {
    partner: partner.id,
    attempt: ({ message }, signal) => {
      const { name, body } = toFile(message);
      return putFileOnce(folder, name, body, signal);
    },
    close: () => folder.close(),
  };
}
