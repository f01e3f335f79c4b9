import { MOST_VIOLATIONS, type Violation } from '#contracts';
import { dateIn } from '../cases/calendar.js';
import { zoneOf, type AcceptRules } from './accept.js';
import { gravest, type ValidMessage } from './validate.js';

/** The message with what rules and code lists found, or why it is refused. */
export type RuleChecked =
  { message: ValidMessage; violations?: undefined } | { message?: undefined; violations: Violation[] };

/**
 * What a schema cannot say of a message: the same for every door. A finding of `refuse` refuses as the schema would, but
 * for safety messages, which pass with it (R8); one of `quality` is kept, and somebody mends it later. Pure.
 */
export function checkRules(
  { contracts, alliance }: Pick<AcceptRules, 'contracts' | 'alliance'>,
  message: ValidMessage,
  now: Date,
): RuleChecked {
  const today = dateIn(zoneOf(alliance), now);
  const { envelope, contract } = message;
  const { findings, facts } = contracts.checkRules(contract, envelope, {
    today,
    codeLists: alliance.codeLists,
  });
  const refused = findings.filter(({ severity }) => severity === 'refuse');
  if (refused.length > 0 && !contract.safety)
    return { violations: refused.slice(0, MOST_VIOLATIONS).map(({ severity: _severity, ...rest }) => rest) };
  return {
    message: {
      ...message,
      facts,
      findings: gravest([...message.findings, ...findings]),
    },
  };
}
