import type { DigitalEngagementV1 } from '../generated/digital.engagement.v1.js';
import { happened, refuse } from './happened.js';
import type { Rule } from './rule.js';

const type = 'digital.engagement';

/** Figures behind which fewer people stand could name one of them. Nought names nobody. */
const FEWEST = 5;

export const digitalEngagement: readonly Rule<DigitalEngagementV1>[] = [
  happened('digital-period-has-happened', type, ({ period }) => [['/period/until', period.until]]),
  {
    id: 'digital-period-order',
    type,
    check: ({ period }) =>
      period.from > period.until ? [refuse('/period/from', 'lies after the last day of the period')] : [],
  },
  {
    id: 'digital-kooth-is-anonymous',
    type,
    check: ({ kind }, { source }) =>
      kind === 'person' && source === 'kooth'
        ? [refuse('/kind', 'must be aggregate: who uses this service is known to nobody else')]
        : [],
  },
  {
    id: 'digital-aggregate-names-nobody',
    type,
    check: ({ kind }, { hasSubject, namesACase }) =>
      kind === 'aggregate' && (hasSubject || namesACase)
        ? [refuse('/kind', 'is aggregate, which belongs to nobody: leave subject and case reference out')]
        : [],
  },
  {
    id: 'digital-basis-fits',
    type,
    check: ({ kind }, { basis }) =>
      (kind === 'aggregate') === (basis === 'aggregate')
        ? []
        : [refuse('/kind', 'needs the sharing basis aggregate for figures, and another for a person')],
  },
  {
    id: 'digital-person-names-the-case',
    type,
    check: ({ kind }, { namesACase }) =>
      kind === 'person' && !namesACase
        ? [refuse('/kind', 'is of one person: say whose by caseref or partnercaseref')]
        : [],
  },
  {
    id: 'digital-small-numbers',
    type,
    check: ({ aggregate }) =>
      (['users', 'sessions'] as const).flatMap((name) => {
        const figure = aggregate?.[name] ?? 0;
        return figure > 0 && figure < FEWEST
          ? [refuse(`/aggregate/${name}`, 'is less than five: leave the figures out and set suppressed')]
          : [];
      }),
  },
];
