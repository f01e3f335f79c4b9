import type { Facts } from '../contract.js';
import type { Need, Referral } from '../generated/index.js';
import { ageBandOf } from './age-band.js';
import { ageWindow, birthOf } from './age.js';
import { note } from './happened.js';
import type { Rule, RuleFinding } from './rule.js';

/** What is asked of every referral, submitted or misdirected. A half-empty one is taken and completed: none refuses. */
export function referralRules<Data>(
  type: string,
  at: string,
  referralOf: (data: Data) => Referral,
): Rule<Data>[] {
  const here = (findings: RuleFinding[]): RuleFinding[] =>
    findings.map((finding) => ({ ...finding, pointer: at + finding.pointer }));
  return [
    {
      id: 'age-window',
      type,
      check: (data, { today }) => here(checkAge(referralOf(data), today)),
      facts: (data, { today }) => ageFacts(referralOf(data), today),
    },
    { id: 'minimum-data-set', type, check: (data) => here(checkMinimumDataSet(referralOf(data))) },
    { id: 'needs-ranked', type, check: (data) => here(checkNeeds(referralOf(data).needs)) },
  ];
}

function ageFacts(referral: Referral, today: string): Facts {
  const birth = birthOf(referral.person.dateOfBirth);
  const band = ageBandOf(birth, today);
  return {
    ageWindow: ageWindow(birth, today, mayStayLonger(referral)),
    ...(band !== undefined && { ageBand: band }),
  };
}

/** SEND that is confirmed, seen or awaits a diagnosis, and care leavers: no certificate is asked for. */
function mayStayLonger({ needs, priority }: Referral): boolean {
  const send = (need: Need): boolean =>
    need.kind === 'send' && ['confirmed', 'awaiting-diagnosis', 'need-identified'].includes(need.status);
  return priority.careLeaver === 'yes' || (needs ?? []).some(send);
}

function checkAge(referral: Referral, today: string): RuleFinding[] {
  const pointer = '/person/dateOfBirth';
  const birth = birthOf(referral.person.dateOfBirth);
  if (birth !== undefined && birth > today)
    return [note(pointer, 'The date of birth lies in the future. Ask for it again.')];
  switch (ageWindow(birth, today, mayStayLonger(referral))) {
    case 'below':
      return [
        note(pointer, 'The young person is not five yet. Help the family to a service for younger children.'),
      ];
    case 'above':
      return [
        note(
          pointer,
          'The young person is past the age limit. Ask about SEND and leaving care, else help them to a service for adults.',
        ),
      ];
    case 'unknown':
      return [
        note(pointer, 'The date of birth is not known. Ask for it: what can be offered hangs on the age.'),
      ];
    default:
      return [];
  }
}

/** Fields that every provider must ask. That it was declined is an answer; silence is none. */
function checkMinimumDataSet({ person, needs }: Referral): RuleFinding[] {
  const asked = ['sex', 'genderSameAsAtBirth', 'ethnicity', 'firstLanguage'] as const;
  return [
    ...asked
      .filter((field) => person[field] === undefined)
      .map((field) =>
        note(`/person/${field}`, 'This has no answer yet. Declined and not asked are answers.'),
      ),
    ...(needs === undefined
      ? [note('/needs', 'Needs have no answer yet. An empty list says that there are none.')]
      : []),
  ];
}

/** Both SEND and a physical disability: it must be plain which is the primary care need and which the secondary. */
export function checkNeeds(needs: readonly Need[] = []): RuleFinding[] {
  const both = ['send', 'physical'].every((kind) => needs.some((need) => need.kind === kind));
  if (!both) return [];
  return needs.flatMap(({ kind, rank }, index) =>
    ['send', 'physical'].includes(kind) && rank === 'other'
      ? [
          note(
            `/needs/${index}/rank`,
            'Where SEND and a physical disability meet, say which is the primary need and which the secondary.',
          ),
        ]
      : [],
  );
}
