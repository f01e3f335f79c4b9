import { consent } from './consent.js';
import { phone, soleContact } from './contact-point.js';
import { CODES, codesOf, IDS } from './names.js';
import { goals, measuresAt, narratives, professional, riskFlagsAt } from './parts.js';
import { patient } from './person.js';
import type { Representation } from './representation.js';
import { coded, codedAmong, date, identifierAmong, text } from './shapes.js';
import { eachItem, link, type Sheet } from './sheet.js';

const caseOf = link('/caseref', 'identifier', identifierAmong(IDS.caseReference));

/** What the front door found, in an assessment that looks at strengths. */
export const assessmentCompleted: Representation = {
  sheets: [
    {
      name: 'assessment',
      resourceType: 'ClinicalImpression',
      fixed: (refer) => ({
        status: 'completed',
        code: { text: 'strengths-based assessment' },
        subject: refer('patient'),
      }),
      always: true,
      links: [
        caseOf,
        link('/data/heldOn', 'effectiveDateTime', date),
        link('/data/strengths', 'description', text),
      ],
    },
    patient(),
    consent('/data/consent', 'recordedAt'),
    ...riskFlagsAt('/data/domains/risk'),
    ...narratives('domains.emotionalBehavioural', 'domains.familySocial', 'domains.supportNetwork'),
    ...narratives('domains.risk.summary', 'recommendation', 'recommendedService'),
    measuresAt('/data/measures'),
    goals('proposed', ''),
    professional('held-by', '/data/heldBy', soleContact('/data/heldBy/contact')),
  ],
};

const plan = (category: string, ...links: Sheet['links']): Sheet => ({
  name: 'plan',
  resourceType: 'CarePlan',
  fixed: (refer) => ({
    status: 'active',
    intent: 'plan',
    category: [{ coding: [{ system: CODES.useCase, code: category }], text: category.replace('-', ' ') }],
    subject: refer('patient'),
  }),
  always: true,
  links: [...links, link('/data/reviewOn', 'period.end', date)],
});

export const carePlanPublished: Representation = {
  sheets: [
    plan(
      'care-plan',
      caseOf,
      link('/data/because', 'category', codedAmong(codesOf('plan-because'))),
      link('/data/preferences', 'description', text),
      eachItem(
        '/data/supports',
        'activity',
        [
          link('/service', 'detail.code', coded(codesOf('service'))),
          link('/frequency', 'detail.description', text),
          link('/from', 'detail.scheduledPeriod.start', date),
          link('/owner', 'detail.performer.0.display', text),
        ],
        { detail: { status: 'unknown' } },
      ),
    ),
    patient(),
    goals(
      'active',
      '/goal',
      link('/by', 'target.0.dueDate', date),
      link('/progress', 'achievementStatus', coded(codesOf('progress'))),
    ),
  ],
};

/** A safety plan that is in force; what stands in it is for the people who keep the young person safe. */
export const safetyPlanShared: Representation = {
  sheets: [
    plan(
      'safety-plan',
      link('/data/plan', 'identifier', identifierAmong(IDS.plan)),
      link('/data/madeOn', 'created', date),
    ),
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
