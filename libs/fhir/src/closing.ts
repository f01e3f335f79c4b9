import { consent } from './consent.js';
import { phone, soleContact } from './contact-point.js';
import { CODES, codesOf, IDS } from './names.js';
import { measuresAt, narratives, professional, supportsAt } from './parts.js';
import { patient } from './person.js';
import type { Representation } from './representation.js';
import { coded, codedAmong, date, identifierAmong, text } from './shapes.js';
import { link, type Sheet } from './sheet.js';

/** Support as a plan that is over. */
const endedPlan: Sheet = {
  name: 'summary',
  resourceType: 'CarePlan',
  fixed: (refer) => ({ status: 'completed', intent: 'plan', subject: refer('patient') }),
  always: true,
  links: [
    link('/caseref', 'identifier', identifierAmong(IDS.caseReference)),
    link('/data/reason', 'category', codedAmong(codesOf('closure-reason'))),
    link('/data/closedOn', 'period.end', date),
    link('/data/summary', 'description', text),
    link('/data/howToReturn', 'note.0.text', text),
  ],
};

/** Each of `data.goals`: nobody works on it any more, and how far it was reached. */
const goals: Sheet = {
  name: 'goal',
  resourceType: 'Goal',
  each: '/data/goals',
  needs: '/goal',
  fixed: (refer) => ({ lifecycleStatus: 'completed', subject: refer('patient') }),
  links: [
    link('/goal', 'description.text', text),
    link('/reached', 'achievementStatus', coded(codesOf('reached'))),
  ],
};

export const dischargeSummary: Representation = {
  sheets: [
    endedPlan,
    patient(),
    consent('/data/consent', 'recordedAt'),
    supportsAt('/data/supports'),
    measuresAt('/data/outcomes'),
    goals,
    ...narratives('nextParty.name', 'choice.words'),
    professional('contact', '/data/nextParty/contact', soleContact('/data/nextParty/contact/contact')),
  ],
};

/** A safety plan that is in force; what stands in it is for the people who keep the young person safe. */
export const safetyPlanShared: Representation = {
  sheets: [
    {
      name: 'plan',
      resourceType: 'CarePlan',
      fixed: (refer) => ({
        status: 'active',
        intent: 'plan',
        category: [{ coding: [{ system: CODES.useCase, code: 'safety-plan' }], text: 'safety plan' }],
        subject: refer('patient'),
      }),
      always: true,
      links: [
        link('/data/plan', 'identifier', identifierAmong(IDS.plan)),
        link('/data/madeOn', 'created', date),
        link('/data/reviewOn', 'period.end', date),
      ],
    },
    patient(),
    ...narratives('saferPlace'),
    ...['warningSigns', 'copingSteps', 'reasonsToLive'].map((name): Sheet => ({
      ...(narratives(name)[0] as Sheet),
      each: `/data/${name}`,
      needs: '',
      links: [link('', 'valueString', text)],
    })),
    {
      name: 'contact',
      resourceType: 'RelatedPerson',
      each: '/data/contacts',
      fixed: (refer) => ({ patient: refer('patient') }),
      links: [link('/who', 'name.0.text', text), phone('/phone')],
    },
  ],
};
