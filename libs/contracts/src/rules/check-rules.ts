import type { Facts, Finding } from '../contract.js';
import type { Envelope } from '../envelope.js';
import type { Rule, RuleFacts } from './rule.js';

/** What rules and code lists say about one message. */
export interface Checked {
  findings: Finding[];
  /** What rules add to the facts that routes look at. */
  facts: Facts;
}

/** Runs the rules of one type over data that its schema accepts. */
export function runRules(rules: readonly Rule[], envelope: Envelope, facts: RuleFacts): Checked {
  return {
    findings: rules.flatMap((rule) =>
      rule.check(envelope.data, facts).map(({ pointer, message, severity }) => ({
        pointer: `/data${pointer}`,
        keyword: rule.id,
        message,
        schemaPath: `#/rules/${rule.id}`,
        severity,
      })),
    ),
    facts: Object.assign({}, ...rules.map((rule) => rule.facts?.(envelope.data, facts) ?? {})) as Facts,
  };
}
