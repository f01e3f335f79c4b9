import { canonicalBytes, type FaultCode, type Violation } from '#contracts';
import { hmac, type HubKeys } from '../platform/sealing.js';
import type { IntakeContext } from '../store/read-context.js';
import { mayRecall, planMessage, type AcceptRules, type PlannedMessage } from './accept.js';
import { checkRules } from './check-rules.js';
import type { ValidMessage } from './validate.js';

/** What becomes of a valid message, by what the ledger knows. */
export type Verdict =
  | { do: 'accept'; planned: PlannedMessage; digest: Buffer }
  /** The same message came before: its Receipt again, byte for byte. */
  | { do: 'repeat'; receipt: string }
  | { do: 'refuse'; code: FaultCode; violations?: Violation[] }
  /** A safety message under an id that another one has: it is taken under an id of its own (R8). */
  | { do: 'rename'; message: ValidMessage };

/** Repeat, refuse or accept: the same for every door. */
export function decide(
  tools: { rules: AcceptRules; keys: HubKeys },
  message: ValidMessage,
  context: IntakeContext,
): Verdict {
  const digest = hmac(tools.keys, canonicalBytes(message.envelope));
  const { known } = context;
  if (known?.digest.equals(digest)) return { do: 'repeat', receipt: known.receipt };
  if (known && message.contract.safety) return { do: 'rename', message: renamed(message, digest) };
  if (known) return { do: 'refuse', code: 'contract/id-reused' };
  // What is unknown and what is another's look the same.
  if (message.contract.recalls !== undefined && !mayRecall(tools.rules, message, context))
    return { do: 'refuse', code: 'routing/nothing-to-recall' };
  // After the look for a repeat: what was accepted once keeps its Receipt, whatever day it is by now (R2).
  const checked = checkRules(tools.rules, message, context.now);
  if (checked.violations) return { do: 'refuse', code: 'contract/invalid', violations: checked.violations };
  const planned = planMessage(tools.rules, checked.message, context);
  if ('mismatch' in planned) return { do: 'refuse', code: 'contract/case-mismatch' };
  return { do: 'accept', planned, digest };
}

/** The id that the same body gets each time it comes, so that it stays one message. */
function renamed(message: ValidMessage, digest: Buffer): ValidMessage {
  const finding = {
    pointer: '/id',
    keyword: 'unique',
    message: 'was used before for another body',
    schemaPath: '#/id',
  };
  return {
    ...message,
    envelope: { ...message.envelope, id: `${message.envelope.id}~${digest.toString('hex').slice(0, 16)}` },
    findings: [...message.findings, finding],
  };
}
