import type { Result } from './check.js';

/** Which suite of checks a report is of. Raised when a check is added or becomes stricter. */
export const SUITE = 2;

/** One run of the suite, for machines; `html-report.ts` says the same to people. Nothing personal and no secret. */
export interface Report {
  suite: number;
  partner: string;
  name: string;
  channel: string;
  /** RFC 3339. */
  when: string;
  /** What was examined in the partner's place. */
  against: 'simulator' | 'endpoint';
  passed: boolean;
  checks: Line[];
}

export interface Line {
  id: string;
  title: string;
  /** Whose behaviour is examined: the partner's endpoint, or the hub's as this partner meets it. */
  side: 'endpoint' | 'hub';
  expected: string;
  result: Result;
  observed: string;
}

/** What `config/conformance/<partner>.json` keeps of a report: what the boot check and a reader need. */
export function declarationOf({ partner, when, suite, against, checks }: Report): object {
  return {
    $schema: './report.schema.json',
    partner,
    when,
    suite,
    against,
    checks: Object.fromEntries(checks.map(({ id, result }) => [id, result])),
  };
}
