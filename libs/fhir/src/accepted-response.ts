import type * as fhir4 from 'fhir/r4.js';
import { newDraft, prune } from './draft.js';
import type { RequestHeader } from './from-bundle.js';
import { CODES, codesOf, EXCHANGE_VERSION, IDS } from './names.js';

/** The hub's Receipt, as far as the FHIR door tells it. */
export interface AcceptedReceipt {
  messageId: string;
  caseRef?: string | null;
  /** RFC 3339. */
  acceptedAt: string;
  deliveries: readonly { id: string; partner: string }[];
  /** What to do by telephone as well, for safety messages. */
  telephone?: string;
}

/**
 * The Receipt as the answer to `$process-message`: a response message whose focus is a received Task. The same bytes
 * for the same receipt and request. `findings` are told along (R8).
 */
export function acceptedResponse(
  receipt: AcceptedReceipt,
  request: RequestHeader,
  findings: readonly fhir4.OperationOutcomeIssue[] = [],
): fhir4.Bundle<fhir4.FhirResource> {
  const draft = newDraft(`/hub receipt ${receipt.messageId}`);
  const [header, task, outcome] = ['header', 'task', 'findings'].map((name) => draft.refer(name)) as [
    fhir4.Reference,
    fhir4.Reference,
    fhir4.Reference,
  ];
  draft.add('header', {
    resourceType: 'MessageHeader',
    eventCoding: { system: CODES.event, code: request.event },
    destination: [{ endpoint: request.endpoint }],
    source: { endpoint: '/hub' },
    response: {
      identifier: request.id ?? receipt.messageId,
      code: 'ok',
      details: findings.length > 0 ? outcome : undefined,
    },
    focus: [task],
  });
  draft.add('task', receivedTask(receipt));
  if (findings.length > 0) draft.add('findings', { resourceType: 'OperationOutcome', issue: [...findings] });
  return prune({
    resourceType: 'Bundle',
    id: header.reference?.replace('urn:uuid:', ''),
    meta: { versionId: EXCHANGE_VERSION },
    type: 'message',
    timestamp: receipt.acceptedAt,
    entry: draft.entries,
  });
}

/**
 * The answer to a message that was taken before: nothing is done again. BaRS keeps 409 with `duplicate` for this alone,
 * so that a sender whose first answer was lost knows that its message is there, and hears what that answer told along.
 */
export function duplicateOutcome(
  { messageId, telephone }: AcceptedReceipt,
  findings: readonly fhir4.OperationOutcomeIssue[] = [],
): fhir4.OperationOutcome {
  const remark = (diagnostics: string): fhir4.OperationOutcomeIssue => ({
    severity: 'information',
    code: 'informational',
    diagnostics,
  });
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: 'duplicate',
        details: { coding: [{ system: CODES.httpError, code: 'REC_CONFLICT' }] },
        diagnostics: 'This message was taken before; there is nothing to send again.',
      },
      remark(`It can be followed as /v1/messages/${messageId}.`),
      ...(telephone === undefined ? [] : [remark(telephone)]),
      ...findings,
    ],
  };
}

const receivedTask = ({
  messageId,
  caseRef,
  acceptedAt,
  deliveries,
  telephone,
}: AcceptedReceipt): fhir4.Task => ({
  resourceType: 'Task',
  identifier: [{ system: IDS.message, value: messageId }],
  groupIdentifier: caseRef ? { system: IDS.caseReference, value: caseRef } : undefined,
  status: 'received',
  intent: 'order',
  code: { coding: [{ system: CODES.taskCode, code: 'fulfill' }] },
  lastModified: acceptedAt,
  note: telephone === undefined ? undefined : [{ text: telephone }],
  output: deliveries.map(({ id, partner }) => ({
    type: { coding: [{ system: codesOf('partner'), code: partner }] },
    valueIdentifier: { system: IDS.delivery, value: id },
  })),
});
