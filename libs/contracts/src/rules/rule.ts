import type { CodeLists } from '../code-lists.js';
import type { Facts, Finding } from '../contract.js';

/** What a rule may know beside the message's data. No clock, no ledger: the same question gets the same answer. */
export interface RuleFacts {
  /** The day of accept at the alliance's place, `YYYY-MM-DD`. */
  today: string;
  /** Who says it: a partner's id. */
  source: string;
  /** The sharing basis that the envelope names. */
  basis?: string;
  /** Whether the envelope names a subject, which an anonymous message must not. */
  hasSubject: boolean;
  /** Whether the envelope names a case, by any reference. */
  namesACase: boolean;
  codeLists: CodeLists;
}

/** What a rule finds; its id and path are added by `checkRules`. The message is a sentence and holds no value of the sender's. */
export type RuleFinding = Pick<Finding, 'pointer' | 'message' | 'severity'>;

/**
 * What a schema cannot say of one message type. Pure. It is asked only about data that its schema accepts, so `Data` is
 * the generated type.
 */
export interface Rule<Data = unknown> {
  /** Stable, in lower case with dashes: senders see it as the keyword of a violation, and tests name it. */
  id: string;
  /** `referral.submitted`, every major of it. */
  type: string;
  check(data: Data, facts: RuleFacts): RuleFinding[];
  /** What routes may look at beside the facts that the contract declares; nothing above S1. */
  facts?(data: Data, facts: RuleFacts): Facts;
}
