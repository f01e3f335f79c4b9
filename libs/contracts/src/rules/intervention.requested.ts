import type { InterventionRequestedV1 } from '../generated/index.js';
import { birthOf, completedYears } from './age.js';
import { note, refuse } from './happened.js';
import type { Rule } from './rule.js';

/** Counselling at Kooth is anonymous: an offer carries nobody's identity, nor a way to somebody. */
const anonymousOffer: Rule<InterventionRequestedV1> = {
  id: 'anonymous-offer',
  type: 'intervention.requested',
  check: ({ to, person, contactRoutes }, { hasSubject }) => {
    if (to !== 'digital-counselling') return [];
    return [
      ...(person ? [refuse('/person', 'An anonymous offer says nothing of the person. Leave it out.')] : []),
      ...(contactRoutes.length > 0
        ? [
            refuse(
              '/contactRoutes',
              'An anonymous offer has no way to anybody: the young person comes by themself. Leave the list empty.',
            ),
          ]
        : []),
      ...(hasSubject
        ? [refuse('', 'The envelope of an anonymous offer names no subject. Leave it out.')]
        : []),
    ];
  },
};

/** Lumi Nova is for 7 to 12 years on the day of the request, and a carer goes with it. Routes keep other ages away. */
const lumiNova: Rule<InterventionRequestedV1> = {
  id: 'lumi-nova-age',
  type: 'intervention.requested',
  check: ({ to, person, contactRoutes }, { today }) => {
    if (to !== 'digital-therapy') return [];
    const birth = birthOf(person?.dateOfBirth);
    const years = birth === undefined ? undefined : completedYears(birth, today);
    const pointer = '/person/dateOfBirth';
    return [
      ...(years === undefined
        ? [note(pointer, 'The date of birth is not known. This offer is for 7 to 12 years, so ask for it.')]
        : []),
      ...(years !== undefined && (years < 7 || years > 12)
        ? [note(pointer, 'This offer is for 7 to 12 years. Choose one that fits the age.')]
        : []),
      ...(contactRoutes.some(({ belongsTo }) => belongsTo === 'carer')
        ? []
        : [note('/contactRoutes', 'This offer needs a carer. Name a way to reach one.')]),
    ];
  },
};

export const interventionRequestedRules = [anonymousOffer, lumiNova];
