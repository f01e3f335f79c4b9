import type { TriageOutcomeV1 } from '../generated/index.js';
import { note } from './happened.js';
import type { Rule } from './rule.js';

/** Completed years for which each digital offer is made, both included; the website is for everybody. */
const AGES: Partial<Record<NonNullable<TriageOutcomeV1['digitalOption']>, { from: number; to: number }>> = {
  kooth: { from: 10, to: 25 },
  'lumi-nova': { from: 7, to: 12 },
};

const digitalOptionFits: Rule<TriageOutcomeV1> = {
  id: 'digital-option-age',
  type: 'triage.outcome',
  check: ({ digitalOption, ageYears }) => {
    const ages = digitalOption && AGES[digitalOption];
    if (!ages) return [];
    if (ageYears === undefined)
      return [note('/ageYears', 'Whether this digital offer fits hangs on the age. Name it.')];
    return ageYears >= ages.from && ageYears <= ages.to
      ? []
      : [
          note(
            '/digitalOption',
            `This digital offer is for ${ages.from} to ${ages.to} years. Choose one that fits the age.`,
          ),
        ];
  },
};

export const triageOutcomeRules = [digitalOptionFits];
