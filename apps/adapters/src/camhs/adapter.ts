import type { Partner } from '#contracts';
import { openMailbox } from '#channels/mesh.js';
import type { Adapter } from '../adapter.js';
import type { MeshCredentials } from '../credentials.js';
import { toMeshMessage } from './map.js';

/** CAMHS has a mailbox at MESH, where we put FHIR R4 messages. That it took one it says by a message of its own. */
export function camhsAdapter(
  partner: Partner & { url: string },
  { peer, ...access }: MeshCredentials,
): Adapter {
  const mailbox = openMailbox({ url: partner.url, ...access });
  return {
    partner: partner.id,
    attempt: ({ message }, signal) => mailbox.send(toMeshMessage(peer, message), signal),
    close: () => mailbox.close(),
  };
}
