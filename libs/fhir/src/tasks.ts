import type { DeliveryState } from '#contracts';
import { CODES, codesOf, IDS } from './names.js';
import {
  coded,
  hasCode,
  date,
  dateTime,
  either,
  identifier,
  identifierAmong,
  referenceById,
  text,
} from './shapes.js';
import { eachItem, type Json, link, type Link, say, type Sheet } from './sheet.js';
import type { Place } from './place.js';
import { status } from './status.js';

const fulfil = { coding: [{ system: CODES.taskCode, code: 'fulfill' }] };
const caseOfTask = link('/caseref', 'groupIdentifier', identifier(IDS.caseReference));

/** The question to the receiver: will you take this on? */
export const question: Sheet = {
  name: 'task',
  resourceType: 'Task',
  fixed: (refer) => ({
    status: 'requested',
    intent: 'order',
    code: fulfil,
    focus: refer('request'),
    for: refer('patient'),
  }),
  always: true,
  links: [caseOfTask, link('/replyby', 'restriction.period.end', dateTime)],
};

/** An answer: what became of the asked thing. `causationid` names the message that asked. */
const answer = (links: readonly Link[]): Sheet => ({
  name: 'answer',
  resourceType: 'Task',
  fixed: () => ({ intent: 'order', code: fulfil }),
  always: true,
  links: [
    caseOfTask,
    link('/causationid', 'focus', referenceById(IDS.message)),
    link('/subject', 'for', referenceById(IDS.subject)),
    ...links,
  ],
});
const decided = [
  link('/data/decidedAt', 'lastModified', dateTime),
  link('/data/decidedBy', 'owner.display', text),
];

const ALTERNATIVE = ['alternative.kind', 'alternative.service', 'alternative.description'];

/** A Task cannot say "accepted, but waiting" or "need more": `businessStatus` holds the exact word. */
const NEAREST = {
  accepted: 'accepted',
  'accepted-waiting': 'accepted',
  declined: 'rejected',
  'need-info': 'on-hold',
  withdrawn: 'cancelled',
};
const PLAIN = { accepted: 'accepted', rejected: 'declined', 'on-hold': 'need-info', cancelled: 'withdrawn' };

/** `step.decision` and `request.decision`; `startsOn` is the member that says when the receiver begins. */
export const decision = (startsOn: string, ...outputs: string[]): Sheet =>
  answer([
    status('/data/decision', NEAREST, PLAIN, 'businessStatus', coded(codesOf('decision'))),
    ...decided,
    link('/data/reason', 'statusReason', coded(codesOf('decline-reason'))),
    link(`/data/${startsOn}`, 'executionPeriod.start', date),
    ...[...ALTERNATIVE, ...outputs].map(output),
    eachOutput('questions'),
  ]);

/** `triage.outcome`: the look at a referral is completed, with this outcome. */
const OUTCOMES = ['self-help', 'digital', 'drop-in', 'assessment', 'urgent-risk'];
export const triage: Sheet = answer([
  status(
    '/data/outcome',
    Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 'completed'])),
    {},
    'businessStatus',
    coded(codesOf('triage-outcome')),
  ),
  ...decided,
  ...['nextStep', 'explanation', 'priorityReason'].map(output),
]);

/** `risk.acknowledged`: somebody has it. Whether it goes on is the status. */
export const riskAnswer: Sheet = answer([
  link('/data/continues', 'status', either('in-progress', 'completed')),
  link('/data/at', 'lastModified', dateTime),
  output('action'),
]);

/** `crisis.disposition`: what the crisis team does. Advice and the emergency department are an end for the team. */
export const disposition: Sheet = answer([
  status(
    '/data/disposition',
    {
      accepted: 'accepted',
      'home-treatment': 'accepted',
      advice: 'completed',
      'emergency-department': 'completed',
      'no-action': 'rejected',
    },
    { accepted: 'accepted', rejected: 'no-action' },
    'businessStatus',
    coded(codesOf('crisis-disposition')),
  ),
  link('/data/decidedAt', 'lastModified', dateTime),
  link('/data/receivedAt', 'authoredOn', dateTime),
  link('/data/reason', 'statusReason.text', text),
  link('/data/nextContactAt', 'executionPeriod.start', dateTime),
  ...['summary', 'advice', ...ALTERNATIVE].map(output),
]);

/** `safeguarding.outcome`: what the safeguarding front door does. */
export const safeguardingOutcome: Sheet = answer([
  status(
    '/data/outcome',
    {
      ...Object.fromEntries(
        ['enquiry', 'strategy-discussion', 'child-in-need', 'early-help', 'already-open'].map((taken) => [
          taken,
          'accepted',
        ]),
      ),
      'need-info': 'on-hold',
      'no-further-action': 'rejected',
    },
    { 'on-hold': 'need-info', rejected: 'no-further-action' },
    'businessStatus',
    coded(codesOf('safeguarding-outcome')),
  ),
  link('/data/decidedAt', 'lastModified', dateTime),
  link('/data/reason', 'statusReason.text', text),
  ...['summary', 'askedOfSender', ...ALTERNATIVE].map(output),
  eachOutput('questions'),
]);

/** `hub.receipt`: what became of a message, and below it one Task for each recipient's copy. */
export const receipt: Sheet = {
  name: 'receipt',
  resourceType: 'Task',
  fixed: () => ({ intent: 'order', code: fulfil }),
  is: (resource) => !isCopy(resource),
  always: true,
  links: [
    caseOfTask,
    link('/data/messageId', 'focus', referenceById(IDS.message)),
    link('/data/complete', 'status', either('completed', 'in-progress')),
    link('/data/telephone', 'note.0.text', text),
  ],
};
const STATES = {
  queued: 'requested',
  ready: 'requested',
  claimed: 'in-progress',
  'handed-over': 'received',
  blocked: 'on-hold',
  parked: 'on-hold',
  acknowledged: 'completed',
  withheld: 'rejected',
  superseded: 'cancelled',
  discarded: 'cancelled',
} satisfies Record<DeliveryState, string>;
export const copies: Sheet = {
  name: 'copy',
  resourceType: 'Task',
  each: '/data/lines',
  needs: '/state',
  fixed: (refer) => ({
    intent: 'order',
    code: { coding: [{ system: codesOf('task'), code: 'copy' }] },
    partOf: [refer('receipt')],
  }),
  is: (resource) => isCopy(resource),
  links: [
    link('/deliveryId', 'identifier', identifierAmong(IDS.delivery)),
    link('/partner', 'owner', referenceById(IDS.partner)),
    status('/state', STATES, {}, 'businessStatus', coded(codesOf('delivery-state'))),
    link('/at', 'lastModified', dateTime),
    link('/reason', 'statusReason', coded(CODES.fault)),
  ],
};
const isCopy = (resource: Place): boolean => hasCode(resource.child('code'), codesOf('task'), 'copy');

/** A text of the answer, as an output of the Task. */
function output(name: string): Link {
  const pointer = `/data/${name.replaceAll('.', '/')}`;
  return {
    write(leaves, base, resource) {
      const value = leaves.get(base + pointer);
      return typeof value === 'string' && value !== '' && addOutput(resource, name, value);
    },
    read(resource, base, said) {
      for (const { value, place } of outputsOf(resource, name)) say(said, base + pointer, value, place);
    },
  };
}

/** A list of texts, as outputs of the Task, in order. */
function eachOutput(name: string): Link {
  const items = eachItem(`/data/${name}`, 'list', [link('', 'value', text)]);
  return {
    write(leaves, base, resource) {
      const holder: Json = {};
      items.write(leaves, base, holder);
      const texts = (holder['list'] ?? []) as { value: string }[];
      return texts.map(({ value }) => addOutput(resource, name, value)).some(Boolean);
    },
    read(resource, base, said) {
      outputsOf(resource, name).forEach(({ value, place }, index) =>
        say(said, `${base}/data/${name}/${index}`, value, place),
      );
    },
  };
}

function addOutput(resource: Json, name: string, value: string): true {
  const type = { coding: [{ system: codesOf('answer-output'), code: name }] };
  resource['output'] = [...((resource['output'] ?? []) as Json[]), { type, valueString: value }];
  return true;
}

const outputsOf = (resource: Place, name: string): { value: string; place: Place }[] =>
  resource
    .list('output')
    .filter((each) => hasCode(each.child('type'), codesOf('answer-output'), name))
    .flatMap((place) => {
      const value = place.text('valueString');
      return value === undefined ? [] : [{ value, place }];
    });
