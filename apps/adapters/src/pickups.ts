import type { Partner } from '#contracts';
import { SftpFolder } from '#channels/sftp.js';
import { camhsPickup } from './camhs/pickup.js';
import type { Credentials, PartnerCredentials } from './credentials.js';
import type { Pickup } from './pickup.js';
import { sftpPickup } from './sftp-pickup.js';

/** A partner that leaves things where we fetch them. */
export type PickedUp = Partner & { pickup: NonNullable<Partner['pickup']> };

/** How things are fetched, by the kind in `partners.json`. A new kind is a line here. */
const PICKUPS: Partial<
  Record<PickedUp['pickup']['kind'], (partner: PickedUp, credentials: PartnerCredentials) => Pickup>
> = {
  sftp: ({ id, pickup: { url, batch } }, { sftp }) => {
    if (!sftp) throw new Error(`${id}: put sftp into credentials.json, for its files are fetched.`);
    return sftpPickup({ partner: id, folder: new SftpFolder(url, sftp), ...(batch && { batch }) });
  },
  mesh: ({ id, pickup }, { mesh }) => {
    if (!mesh) throw new Error(`${id}: put mesh into credentials.json, for its mailbox is fetched from.`);
    if (pickup.everyMs < MESH_EVERY_MS && !/^(127\.|localhost$)/.test(new URL(pickup.url).hostname))
      throw new Error(
        `${id}: MESH allows a look every five minutes: set pickup.everyMs to ${MESH_EVERY_MS}.`,
      );
    return camhsPickup(id, pickup.url, mesh);
  },
};

/** How often a mailbox may be looked at, for all who share MESH. A server of our own may be asked more often. */
const MESH_EVERY_MS = 300_000;

/** The partners that leave things for us. */
export function pickedUpPartners(partners: readonly Partner[]): PickedUp[] {
  return partners.filter((partner): partner is PickedUp => partner.pickup !== undefined);
}

/** A pickup for each partner that has one. @throws Error naming every one that cannot be made */
export function createPickups(partners: readonly Partner[], credentials: Credentials): Pickup[] {
  const problems: string[] = [];
  const pickups = pickedUpPartners(partners).flatMap((partner) => {
    const create = PICKUPS[partner.pickup.kind];
    try {
      if (!create) throw new Error(`${partner.id}: nothing fetches by "${partner.pickup.kind}" here.`);
      return [create(partner, credentials(partner.id))];
    } catch (error) {
      problems.push((error as Error).message);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(`These pickups cannot be made:\n- ${problems.join('\n- ')}`);
  return pickups;
}
