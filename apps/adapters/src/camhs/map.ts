import type { MinimisedMessage } from '#contracts';
import type { MeshArrival, MeshMessage } from '#channels/mesh.js';
import { isDuplicate, operationOutcome, toBundle, withRemark } from '#fhir';

/** What both sides know our messages by, and by MESH's convention the answer to one. */
export const WORKFLOW = 'MTA_REFERRAL';
export const ACK_WORKFLOW = `${WORKFLOW}_ACK`;
const FHIR_JSON = 'application/fhir+json';

/** The copy for CAMHS' mailbox. Its headers name the delivery and nothing else: they are read on the way. */
export function toMeshMessage(peer: string, message: MinimisedMessage): MeshMessage {
  return {
    to: peer,
    workflow: WORKFLOW,
    localId: message.deliveryid,
    contentType: FHIR_JSON,
    body: Buffer.from(JSON.stringify(toBundle(message))),
  };
}

/** Our answer to a message of theirs: it names the message as they do, and holds what the hub's door said. */
export function toAck(peer: string, { id, localId }: MeshArrival, outcome: string): MeshMessage {
  return {
    to: peer,
    workflow: ACK_WORKFLOW,
    localId: NAME.test(localId) ? localId : id,
    contentType: FHIR_JSON,
    body: Buffer.from(outcome),
  };
}
const NAME = /^[\w.:-]{1,100}$/;

/** What a message in our mailbox is to us. The mailbox that it comes from is its sender's identity. */
export function sortOf(
  { kind, from, workflow, body }: MeshArrival,
  peer: string,
): 'data' | 'ack' | 'report' | 'foreign' | 'incomplete' {
  // The exchange itself has no mailbox: whoever has one may say that he reports, and is not believed.
  if (kind === 'REPORT') return from === '' ? 'report' : 'foreign';
  if (from.toUpperCase() !== peer.toUpperCase()) return 'foreign';
  if (workflow !== WORKFLOW && workflow !== ACK_WORKFLOW) return 'foreign';
  if (body === 'incomplete') return 'incomplete';
  return workflow === WORKFLOW ? 'data' : 'ack';
}

/** Their headers may say anything, and say nothing of a message in chunks; how it begins does. */
export const contentTypeOf = (body: Buffer): string =>
  /^\uFEFF?\s*</.test(body.subarray(0, 100).toString()) ? 'application/fhir+xml' : FHIR_JSON;

/** What we answer to a message so long that we do not even read it. */
export const TOO_LARGE = JSON.stringify(
  withRemark(
    operationOutcome('contract/too-large', 'The message is larger than a FHIR bundle may be.'),
    'It has not been taken: if it tells of a risk to a child, telephone now.',
  ),
);

/** What an answer says of our copy. One that cannot be read is neither yes nor no. */
export function saidBy(body: Buffer): 'taken' | 'refused' | 'unreadable' {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    return 'unreadable';
  }
  // What they had before they have: the exchange of FHIR messages counts it as success.
  if (isDuplicate(409, body.toString())) return 'taken';
  const { resourceType, issue, entry } = (answer ?? {}) as Record<string, unknown>;
  if (resourceType === 'OperationOutcome') return isError(issue) ? 'refused' : 'taken';
  if (resourceType !== 'Bundle' || !Array.isArray(entry)) return 'unreadable';
  const [header] = entry as { resource?: { response?: { code?: unknown } } }[];
  const code = header?.resource?.response?.code;
  if (code === 'ok') return 'taken';
  return code === 'fatal-error' || code === 'transient-error' ? 'refused' : 'unreadable';
}

const isError = (issues: unknown): boolean =>
  !Array.isArray(issues) ||
  (issues as ({ severity?: unknown } | null)[]).some(
    (issue) => issue?.severity !== 'information' && issue?.severity !== 'warning',
  );
