import { FAULTS, type FaultCode, type OwnerClass } from '#contracts';

/** The role that answers for a dead letter of each owner class. */
const ROLES: Record<OwnerClass, string> = {
  'sender-data': 'front-door',
  'sender-contract': 'ops',
  'receiver-refused': 'front-door',
  credentials: 'credentials',
  routing: 'front-door',
  consent: 'front-door',
  uncertain: 'ops',
  overdue: 'ops',
  defect: 'ops',
};

/** Who answers for a delivery that cannot go on for this reason. */
export function ownerOf(code: FaultCode): string {
  return ROLES[FAULTS[code].owner];
}
