import type { CarePlanPublishedV1 } from '../generated/index.js';
import { note, refuse } from './happened.js';
import type { Rule } from './rule.js';

/** Providers hold several versions at once: only a rising number says which is the newest. */
const versionRises: Rule<CarePlanPublishedV1> = {
  id: 'plan-version-rises',
  type: 'care-plan.published',
  check: ({ version, supersedes, because }) => {
    if (version === 1)
      return supersedes === undefined
        ? []
        : [refuse('/supersedes', 'The first version of a plan supersedes none. Leave it out.')];
    return [
      ...(supersedes === undefined
        ? [refuse('/supersedes', 'Name the version that this one takes the place of.')]
        : []),
      ...(supersedes !== undefined && supersedes >= version
        ? [refuse('/version', 'A plan’s version must be higher than the one that it supersedes.')]
        : []),
      ...(because === 'first'
        ? [refuse('/because', 'Only version 1 is the first. Say why this one was made.')]
        : []),
    ];
  },
};

const TWELVE_WEEKS_MS = 84 * 86_400_000;

const reviewInTime: Rule<CarePlanPublishedV1> = {
  id: 'plan-review-in-time',
  type: 'care-plan.published',
  check: ({ reviewOn }, { today }) =>
    Date.parse(reviewOn) - Date.parse(today) > TWELVE_WEEKS_MS
      ? [note('/reviewOn', 'The review is more than twelve weeks away. Plan it sooner.')]
      : [],
};

export const carePlanPublishedRules = [versionRises, reviewInTime];
