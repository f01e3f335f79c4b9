import { isFinalDecision } from '../cases/ownership.js';
import type { DeliveryRow } from '../store/accept-row.js';
import type { IntakeContext } from '../store/read-context.js';
import type { NewAlert } from '../store/settle-deliveries.js';
import type { Placement } from './place.js';
import type { ValidMessage } from './validate.js';

/** What was decided of a message that people may have to hear of. */
export interface Told {
  messageId: string;
  placement: Placement;
  cause: IntakeContext['cause'];
  deliveries: readonly DeliveryRow[];
  /** By when poor data is to be mended, RFC 3339. */
  mendDataBy: string;
}

/** What a person is told, because the message alone cannot put it right. Test messages page nobody. */
export function alertsOf(message: ValidMessage, told: Told): NewAlert[] {
  const { contract, envelope } = message;
  if (envelope.testflag === true) return [];
  return [
    ...reasons(message, told)
      .filter(({ holds }) => holds)
      .map(({ kind, owner, text }): NewAlert => ({
        key: `${kind}:${told.messageId}`,
        severity: contract.safety ? 'urgent' : 'warning',
        kind,
        owner,
        text,
      })),
    ...dataQualityTask(message, told),
  ];
}

interface Reason {
  holds: boolean;
  kind: string;
  owner: string;
  text: string;
}

function reasons({ contract, findings, partner, envelope }: ValidMessage, told: Told): Reason[] {
  const { placement, deliveries } = told;
  // What is only of poor quality waits for the front door; it wakes no clinical lead.
  const unsound = findings.filter(({ severity }) => severity !== 'quality').length;
  return [
    {
      holds: placement.in === 'new' && placement.provisional,
      kind: 'case.unlinked',
      owner: 'front-door',
      text: `A message of ${partner} names no case that we know. Link it.`,
    },
    {
      holds: deliveries.some((delivery) => delivery.state === 'parked'),
      kind: 'routing.no-route',
      owner: 'front-door',
      text: `A message of ${partner} has nobody to go to: no route matched, or one forbids it. It is parked.`,
    },
    {
      holds: contract.safety && deliveries.some((delivery) => delivery.state === 'blocked'),
      kind: 'routing.no-partner',
      owner: 'clinical-lead',
      text: `A safety message of ${partner} has nobody to go to. Telephone now.`,
    },
    {
      holds: contradicts(contract.type, envelope.data, told.cause),
      kind: 'decision.contradicts',
      owner: 'front-door',
      text: `${partner} decided again, and otherwise. The first decision binds.`,
    },
    {
      holds:
        told.cause !== null && told.cause.askedRole === null && isFinalDecision(contract.type, envelope.data),
      kind: 'decision.unasked',
      owner: 'front-door',
      text: `${partner} decided on a request that is not, or no longer, its own. The decision does not bind; tell them.`,
    },
    {
      holds: unsound > 0,
      kind: 'safety.findings',
      owner: 'clinical-lead',
      text: `A safety message of ${partner} was taken with ${unsound} findings. Ring them.`,
    },
  ];
}

function contradicts(type: string, data: unknown, cause: IntakeContext['cause']): boolean {
  const { decision } = data as { decision?: unknown };
  return (
    cause !== null && cause.decided !== null && cause.decided !== decision && isFinalDecision(type, data)
  );
}

/** One for a message, however much is to be mended: somebody at the front door asks the sender. */
function dataQualityTask({ contract, findings, partner }: ValidMessage, told: Told): NewAlert[] {
  if (findings.length === 0) return [];
  const places = findings.length === 1 ? 'one place' : `${findings.length} places`;
  return [
    {
      key: `data-quality:${told.messageId}`,
      severity: 'info',
      kind: 'data-quality',
      owner: 'front-door',
      text: `${contract.title} of ${partner} was taken and is to be completed or mended in ${places}. Ask them.`,
      dueAt: told.mendDataBy,
    },
  ];
}
