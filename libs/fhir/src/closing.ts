import { consent } from './consent.js';
import { soleContact } from './contact-point.js';
import { codesOf, IDS } from './names.js';
import { goals, measuresAt, narratives, professional, supportsAt } from './parts.js';
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

export const dischargeSummary: Representation = {
  sheets: [
    endedPlan,
    patient(),
    consent('/data/consent', 'recordedAt'),
    supportsAt('/data/supports'),
    measuresAt('/data/outcomes'),
    goals('completed', '/goal', link('/reached', 'achievementStatus', coded(codesOf('reached')))),
    ...narratives('nextParty.name', 'choice.words'),
    professional('contact', '/data/nextParty/contact', soleContact('/data/nextParty/contact/contact')),
  ],
};
