import { soleContact } from './contact-point.js';
import { codesOf } from './names.js';
import { coded, codeIn, date, hasCode, quantity, text } from './shapes.js';
import { eachItem, link, type Link, presence, type Sheet } from './sheet.js';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
const RISKS = ['suicidalThoughts', 'selfHarm', 'aggression', 'safeguarding', 'immediateDanger'];
const PRIORITIES = ['careExperienced', 'unaccompaniedAsylumSeeking', 'careLeaver', 'youthJustice'];
const survey = [{ coding: [{ system: `${HL7}/observation-category`, code: 'survey' }] }];

/** `selfHarm` → `self harm`: every coding of ours has words beside it for a reader who does not know our codes. */
const wordsOf = (name: string): string =>
  name.replaceAll('.', ' ').replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);

/** One active Flag for each question answered with yes; every other answer is a contract field. */
const flags = (group: string, pointer: string, names: readonly string[], category: string): Sheet[] =>
  names.map((name) => ({
    name: `flag-${name}`,
    resourceType: 'Flag',
    fixed: (refer) => ({
      status: 'active',
      category: [{ coding: [{ system: `${HL7}/flag-category`, code: category }] }],
      code: { coding: [{ system: codesOf(group), code: name }], text: wordsOf(name) },
      subject: refer('patient'),
    }),
    is: (resource) => hasCode(resource.child('code'), codesOf(group), name),
    links: [presence(`${pointer}/${name}`, 'yes')],
  }));
export const riskFlagsAt = (pointer: string): Sheet[] => flags('risk', pointer, RISKS, 'safety');
export const riskFlags = riskFlagsAt('/data/risk');
export const priorityFlags = flags('priority', '/data/priority', PRIORITIES, 'admin');

/** Texts of the message that a clinician must be able to read without knowing our contracts. */
export const narratives = (...names: string[]): Sheet[] =>
  names.map((name) => ({
    name: `narrative-${name}`,
    resourceType: 'Observation',
    fixed: (refer) => ({
      status: 'final',
      code: { coding: [{ system: codesOf('narrative'), code: name }], text: wordsOf(name) },
      subject: refer('patient'),
    }),
    is: (resource) => hasCode(resource.child('code'), codesOf('narrative'), name),
    links: [link(`/data/${name.replaceAll('.', '/')}`, 'valueString', text)],
  }));

/** Each support of a list: what has been done, and whether it helped. Whether it is over is not said. */
export const supportsAt = (pointer: string): Sheet => ({
  name: 'tried',
  resourceType: 'Procedure',
  each: pointer,
  fixed: (refer) => ({ status: 'unknown', subject: refer('patient') }),
  links: [
    link('/service', 'code', coded(codesOf('service'))),
    link('/from', 'performedPeriod.start', date),
    link('/until', 'performedPeriod.end', date),
    link('/helped', 'outcome', coded(codesOf('helped'))),
    link('/notes', 'note.0.text', text),
  ],
});

/** Each measure of a list. */
export const measuresAt = (pointer: string): Sheet => ({
  name: 'measure',
  resourceType: 'Observation',
  each: pointer,
  needs: '/instrument',
  fixed: (refer) => ({ status: 'final', category: survey, subject: refer('patient') }),
  is: (resource) => codeIn(resource.child('code'), codesOf('instrument')) !== undefined,
  links: [
    link('/instrument', 'code', coded(codesOf('instrument'))),
    link('/administeredOn', 'effectiveDateTime', date),
    link('/score', 'valueQuantity', quantity),
  ],
});

/** The whole of an `outcome.measure`. */
export const measure: Sheet = {
  name: 'measure',
  resourceType: 'Observation',
  fixed: (refer) => ({
    status: 'final',
    category: survey,
    code: { text: 'outcome measure' },
    subject: refer('patient'),
  }),
  always: true,
  links: [
    link('/data/instrument/code', 'code.coding.0.code', text),
    link('/data/instrument/version', 'code.coding.0.version', text),
    link('/data/administeredOn', 'effectiveDateTime', date),
    eachItem('/data/scores', 'component', [
      link('/scale', 'code', coded(codesOf('scale'))),
      link('/value', 'valueQuantity', quantity),
    ]),
  ],
};

/** A person with a role, who can be asked. */
export const professional = (name: string, pointer: string, contact: Link): Sheet => ({
  name,
  resourceType: 'PractitionerRole',
  fixed: () => ({}),
  links: [
    link(`${pointer}/role`, 'code.0.text', text),
    link(`${pointer}/name`, 'practitioner.display', text),
    link(`${pointer}/organisation`, 'organization.display', text),
    contact,
  ],
});

/** The same where a message names several: a coding says which of them it is. */
export const worker = (name: string, pointer = ''): Sheet => ({
  ...professional(name, pointer, soleContact(`${pointer}/contact`)),
  fixed: () => ({ code: [{ coding: [{ system: codesOf('worker'), code: name }] }] }),
  is: (resource) => resource.list('code').some((code) => hasCode(code, codesOf('worker'), name)),
});

/** Each of `data.goals`; `words` points to its words. */
export const goals = (lifecycleStatus: string, words: string, ...others: Link[]): Sheet => ({
  name: 'goal',
  resourceType: 'Goal',
  each: '/data/goals',
  needs: words,
  fixed: (refer) => ({ lifecycleStatus, subject: refer('patient') }),
  links: [link(words, 'description.text', text), ...others],
});
