import { hmac } from '../platform/sealing.js';
import { canonicalBytes, type Envelope } from '#contracts';
import { planMessage, TELEPHONE } from '../intake/accept.js';
import { NOBODY } from '../intake/plan-deliveries.js';
import { seal, type IntakeTools } from '../intake/intake.js';
import type { AcceptRow } from '../store/accept-row.js';
import type { DueReceipt } from '../store/receipts.js';

export interface InformTools extends Pick<IntakeTools, 'rules' | 'bodies' | 'keys'> {
  now(): Promise<Date>;
  accept(row: AcceptRow): Promise<boolean>;
  /** `fresh`: what was told is what stands in the ledger now; else it is told again. */
  told(due: DueReceipt, fresh: boolean): Promise<void>;
}

/**
 * Tells the origin of a message how each of its copies ended: a `hub.receipt`, accepted like any message. Its id is made
 * of the message and the number of the telling, so that a crash between the two steps makes no second one.
 */
export async function informOrigin(tools: InformTools, due: DueReceipt): Promise<void> {
  const envelope = receiptMessage(due, await tools.now());
  const contract = tools.rules.contracts.get(envelope.type);
  if (!contract) throw new Error('The contract hub.receipt is missing.');
  const violations = tools.rules.contracts.validate(contract, envelope);
  if (violations.length > 0)
    throw new Error(`A receipt of ours is not valid at ${violations.map((v) => v.pointer).join(', ')}.`);
  const planned = planMessage(
    tools.rules,
    { partner: 'hub', envelope, contract, findings: [] },
    {
      now: new Date(envelope.time ?? Date.now()),
      known: null,
      case: null,
      partnerCase: null,
      cause: {
        messageId: due.messageId,
        source: due.source,
        type: due.type,
        caseRef: due.caseRef,
        facts: {},
        test: due.test,
        askedRole: null,
        decided: null,
        case: null,
      },
      recalled: null,
    },
  );
  if ('mismatch' in planned) throw new Error('A receipt of ours fits no case.');
  const row = await seal(tools, planned, envelope, hmac(tools.keys, canonicalBytes(envelope)));
  // Made by a process that died before it could say so: it may have known less than we do now.
  const fresh = await tools.accept(row);
  await tools.told(due, fresh);
}

function receiptMessage(due: DueReceipt, now: Date): Envelope {
  return {
    specversion: '1.0',
    id: `receipt-${due.messageId}-${due.told}`,
    source: '/hub',
    type: 'mta.hub.receipt.v1',
    time: now.toISOString(),
    datacontenttype: 'application/json',
    causationid: due.messageId,
    ...(due.caseRef !== null && { caseref: due.caseRef }),
    ...(due.test && { testflag: true }),
    data: {
      messageId: due.messageId,
      complete: due.complete,
      lines: due.lines.map(({ deliveryId, partner, state, at, code }) => ({
        deliveryId,
        partner: partner === NOBODY ? 'unassigned' : partner,
        state,
        at,
        ...(code !== null && { reason: code }),
      })),
      ...(due.safety && { telephone: TELEPHONE }),
    },
  };
}
